import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { makeAuthority, writePki } from "../../testing/certificates.ts";
import { type FakeLibvirtd, startFakeLibvirtd } from "../../testing/fake-libvirtd.ts";
import { LibvirtAuthError, LibvirtUnreachable } from "../errors.ts";
import { connectLibvirt } from "../libvirt.ts";
import { standardFiles } from "./tls.ts";

let fake: FakeLibvirtd;
let server: Server | undefined;
const folders: string[] = [];
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), "pki-"));
  folders.push(path);
  return path;
};
/** Both sides' certificates of one authority, and another authority's. */
let ours: string;
let others: string;

beforeAll(async () => {
  fake = await startFakeLibvirtd({ answers: { connectGetHostname: () => ({ hostname: "host1" }) } });
  const authority = await makeAuthority("libvirt CA");
  ours = await folder();
  await writePki(ours, authority, "server", "127.0.0.1");
  await writePki(ours, authority, "client", "client");
  others = await folder();
  await writePki(others, await makeAuthority("another CA"), "client", "client");
  await writePki(others, await makeAuthority("another CA"), "server", "127.0.0.1");
});
afterEach(() => {
  server?.close();
});
afterAll(async () => {
  await fake.stop();
  for (const path of folders) await rm(path, { recursive: true, force: true });
});

/** A TLS server before the fake, which says `verdict` to clients that it accepts; answers its port. */
async function serve(verdict: Buffer = Buffer.from([1]), pki = ours): Promise<number> {
  const read = (name: string) => readFile(join(pki, name));
  const listening = createServer(
    {
      ca: await readFile(join(ours, "cacert.pem")),
      cert: await read("servercert.pem"),
      key: await read("serverkey.pem"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      socket.on("error", () => {});
      if (verdict.length === 0) return socket.end();
      socket.write(verdict);
      return socket.pipe(connect(fake.socket)).pipe(socket);
    },
  );
  server = listening;
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return (listening.address() as AddressInfo).port;
}

function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => Promise.reject(new Error("did not fail")),
    (error: Error) => error,
  );
}

test("calls go through it", async () => {
  const port = await serve();
  const libvirt = await connectLibvirt({ uri: `qemu+tls://127.0.0.1:${port}/system?pkipath=${ours}` });
  expect(await libvirt.call("connectGetHostname", {})).toEqual({ hostname: "host1" });
  libvirt.close();
});

test("files handed over go before those of the URI", async () => {
  const port = await serve();
  const uri = `qemu+tls://127.0.0.1:${port}/system?pkipath=${others}`;
  const libvirt = await connectLibvirt({ uri, tls: standardFiles(ours) });
  libvirt.close();
});

describe("refused", () => {
  test.each<[string, () => Promise<string>, RegExp]>([
    [
      "a server of another authority",
      async () => `127.0.0.1:${await serve(Buffer.from([1]), others)}/system?pkipath=${ours}`,
      /^TLS to 127.0.0.1: \w+: the CA file did not sign the server's certificate$/,
    ],
    [
      "a server with another name",
      async () => `localhost:${await serve()}/system?pkipath=${ours}`,
      /ERR_TLS_CERT_ALTNAME_INVALID: the server's certificate is for another name/,
    ],
    [
      "a client of another authority",
      async () => {
        // The client's own certificate is another's; the authority it trusts is the server's.
        const mixed = await folder();
        await writePki(mixed, await makeAuthority("another CA"), "client", "client");
        await copyFile(join(ours, "cacert.pem"), join(mixed, "cacert.pem"));
        return `127.0.0.1:${await serve()}/system?pkipath=${mixed}`;
      },
      /libvirtd does not accept the client certificate/,
    ],
    [
      "a client that libvirtd's list lacks",
      async () => `127.0.0.1:${await serve(Buffer.alloc(0))}/system?pkipath=${ours}`,
      /libvirtd does not accept the client certificate.*tls_allowed_dn_list/,
    ],
    [
      "another verdict",
      async () => `127.0.0.1:${await serve(Buffer.from([0]))}/system?pkipath=${ours}`,
      /libvirtd does not accept the client certificate/,
    ],
    [
      "no files",
      async () => `127.0.0.1:1/system?pkipath=/nowhere`,
      /cannot read \/nowhere\/cacert.pem: .*: TLS needs it, see pkipath=/,
    ],
  ])("%s", async (_, address, message) => {
    const error = await failureOf(connectLibvirt({ uri: `qemu+tls://${await address()}` }));
    expect(error).toBeInstanceOf(LibvirtAuthError);
    expect(error.message).toMatch(message);
  });

  test("nobody listens", async () => {
    const error = await failureOf(connectLibvirt({ uri: `qemu+tls://127.0.0.1:1/system?pkipath=${ours}` }));
    expect(error).toBeInstanceOf(LibvirtUnreachable);
    expect(error.message).toBe("127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1");
  });
});
