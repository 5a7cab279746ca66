import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

// Written out in DER instead of taken from a certificate library: loading one takes longer than all the rest
// of the simulator's start, which has to stay below 300 ms.

/** A throw-away certificate with its key. */
export interface Certificate {
  readonly pem: string;
  readonly keyPem: string;
  /** SHA-256, AA:BB:…, as PVE shows it. */
  readonly fingerprint: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Makes a P-256 certificate for localhost and 127.0.0.1 that signs itself and is valid for a year. */
export function makeCertificate(now = Date.now()): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = toBeSigned(publicKey, now);
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, ECDSA_WITH_SHA256, tlv(0x03, Buffer.of(0), signature));
  const hash = createHash("sha256").update(der).digest("hex").toUpperCase();
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${wrapped(der)}\n-----END CERTIFICATE-----\n`,
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    fingerprint: (hash.match(/../g) ?? []).join(":"),
  };
}

/** One DER element: tag, length, content. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts);
const oid = (...bytes: readonly number[]) => tlv(0x06, Buffer.of(...bytes));
const TRUE = tlv(0x01, Buffer.of(0xff));

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const SUBJECT_ALT_NAME = oid(0x55, 0x1d, 0x11);

function toBeSigned(publicKey: KeyObject, now: number): Buffer {
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from("simulated Proxmox VE")))));
  const serial = Buffer.concat([Buffer.of(0x01), randomBytes(15)]);
  const names = sequence(tlv(0x82, Buffer.from("localhost")), tlv(0x87, Buffer.of(127, 0, 0, 1)));
  const extensions = sequence(
    sequence(BASIC_CONSTRAINTS, TRUE, tlv(0x04, sequence(TRUE))),
    sequence(SUBJECT_ALT_NAME, tlv(0x04, names)),
  );
  return sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(utcTime(now - DAY_MS), utcTime(now + 365 * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, extensions),
  );
}

/** `YYMMDDHHMMSSZ`. */
function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "");
  return tlv(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

const wrapped = (der: Buffer) => (der.toString("base64").match(/.{1,64}/g) ?? []).join("\n");
