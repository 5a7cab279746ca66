import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { GetInfoResponse, View, WatchVMsResponse } from "@virtrigaud/proto";
import { connectProvider, type ProviderConnection } from "../client/index.ts";
import {
  type Authority,
  createAuthority,
  type Identity,
  LOCALHOST,
  tlsDirectory,
  replaceIdentity,
} from "../testing/certificates.ts";
import { startDaemon, stopAll, type TestDaemon } from "../testing/daemon.ts";
import { eventually } from "../testing/eventually.ts";
import { splitAddress } from "./listen.ts";
import type { Routes } from "./routes.ts";

const RELOAD_MS = 30;

const ROUTES: Routes = {
  getInfo: async (_request, { caller }) => GetInfoResponse.create({ provider: caller }),
  async *watchVMs(_request, { signal }) {
    for (let count = 0; ; count += 1) {
      yield WatchVMsResponse.create({ resumeToken: String(count) });
      await new Promise((resolve) => setTimeout(resolve, 10));
      signal.throwIfAborted();
    }
  },
};

let authority: Authority;
let stranger: Authority;
let server: Identity;
let controller: Identity;
const opened: ProviderConnection[] = [];

beforeAll(async () => {
  authority = await createAuthority("authority");
  stranger = await createAuthority("stranger");
  server = await authority.issue(LOCALHOST);
  controller = await authority.issue([
    { type: "dns", value: "controller.example" },
    { type: "url", value: "spiffe://example/controller" },
  ]);
});

afterEach(async () => {
  for (const connection of opened.splice(0)) connection.close();
  await stopAll();
});

async function startTls(allowedSans: string[] = [], identity = server) {
  const directory = await tlsDirectory(identity);
  const daemon = await startDaemon(ROUTES, {
    transport: { kind: "tls", directory, allowedSans, reloadMs: RELOAD_MS },
  });
  return { daemon, directory };
}

async function dial(daemon: TestDaemon, tls: Identity): Promise<ProviderConnection> {
  const connection = await connectProvider({
    address: daemon.address,
    tls: { ...tls, serverName: "localhost" },
    retries: 0,
  });
  opened.push(connection);
  return connection;
}

/** What a bare TLS client sees: the protocol that was agreed on, or the code of the alert that ended it. */
function handshake(
  address: string,
  options: { cert?: Buffer; key?: Buffer; maxVersion?: "TLSv1.2" | "TLSv1.3" },
): Promise<string> {
  return new Promise((resolve) => {
    const socket = tlsConnect({
      ...splitAddress(address),
      ca: authority.certificate,
      servername: "localhost",
      ALPNProtocols: ["h2"],
      ...options,
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    // With TLS 1.3 the server judges the client's certificate after the client thinks it is done; it then sends its SETTINGS.
    socket.on("data", () => {
      resolve(String(socket.getProtocol()));
      socket.destroy();
    });
  });
}

describe("the gRPC port", () => {
  test("speaks TLS 1.3 to a client with a certificate, and knows it by its URI name", async () => {
    const { daemon } = await startTls();
    expect(await handshake(daemon.address, controller)).toBe("TLSv1.3");
    const connection = await dial(daemon, controller);
    expect((await connection.getInfo({})).provider).toBe("spiffe://example/controller");
  });

  test("refuses TLS 1.2, also after a rotation", async () => {
    const { daemon, directory } = await startTls();
    const old = { ...controller, maxVersion: "TLSv1.2" } as const;
    expect(await handshake(daemon.address, old)).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    await rotate(daemon, directory, await authority.issue(LOCALHOST));
    expect(await handshake(daemon.address, old)).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    expect(await handshake(daemon.address, controller)).toBe("TLSv1.3");
  });

  test("refuses a client without certificate, also after a rotation", async () => {
    const { daemon, directory } = await startTls();
    expect(await handshake(daemon.address, {})).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
    await rotate(daemon, directory, await authority.issue(LOCALHOST));
    expect(await handshake(daemon.address, {})).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
  });

  test("refuses a client of another CA", async () => {
    const { daemon } = await startTls();
    const connection = await dial(
      daemon,
      await stranger.issue([{ type: "dns", value: "controller.example" }], authority),
    );
    await expect(connection.getInfo({})).rejects.toMatchObject({ codeName: "UNAVAILABLE" });
  });

  test("is refused by a client that trusts another CA", async () => {
    const { daemon } = await startTls();
    const connection = await dial(daemon, { ...controller, ca: stranger.certificate });
    await expect(connection.getInfo({})).rejects.toMatchObject({ codeName: "UNAVAILABLE" });
  });

  test("lets through who is on the list and tells others what names were seen", async () => {
    const { daemon } = await startTls(["spiffe://example/other", "controller.example"]);
    expect((await (await dial(daemon, controller)).getInfo({})).provider).toBe("spiffe://example/controller");

    const other = await dial(daemon, await authority.issue([{ type: "dns", value: "other.example" }]));
    const denied = {
      codeName: "PERMISSION_DENIED",
      reason: "CALLER_NOT_ALLOWED",
      message:
        "the client certificate's subject alternative names (other.example) are not among VIRTRIGAUD_PROVIDER_ALLOWED_SANS",
      metadata: { sans: "other.example" },
    };
    await expect(other.getInfo({})).rejects.toMatchObject(denied);
    await expect(other.health()).rejects.toMatchObject(denied);
    await expect(other.waitForServing({ timeoutMs: 1_000 })).rejects.toMatchObject(denied);
    expect(daemon.lines).toContainEqual(
      expect.objectContaining({ level: "warn", caller: "other.example", reason: "CALLER_NOT_ALLOWED" }),
    );
  });

  test("takes over rotated files while an open stream and its connection go on", async () => {
    const { daemon, directory } = await startTls();
    const before = await dial(daemon, controller);
    const stream = before
      .watchVMs({ resumeToken: "", view: View.BASIC, includeUnowned: false })
      [Symbol.asyncIterator]();
    await stream.next();

    // Everything is replaced, the CA too: the old client could not connect anew.
    await rotate(daemon, directory, await stranger.issue(LOCALHOST));
    const after = await dial(daemon, await stranger.issue([{ type: "dns", value: "new.example" }]));
    expect((await after.getInfo({})).provider).toBe("new.example");
    await expect((await dial(daemon, controller)).getInfo({})).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
    });

    const seen = [await stream.next(), await stream.next()].map(({ value }) =>
      Number((value as WatchVMsResponse).resumeToken),
    );
    expect(seen[1]).toBe(Number(seen[0]) + 1);
    expect((await before.getInfo({})).provider).toBe("spiffe://example/controller");
    await stream.return?.();
  });

  test("goes on with the old files while the new ones do not belong together", async () => {
    const { daemon, directory } = await startTls();
    const next = await authority.issue(LOCALHOST);
    await replaceIdentity(directory, { ...next, key: server.key });
    await eventually(() => {
      const problem = daemon.lines.find(({ error }) => String(error).includes("is not the private key of"));
      expect(problem).toMatchObject({
        level: "warn",
        error: `${directory}/tls.key: is not the private key of ${directory}/tls.crt`,
      });
    });
    expect(await handshake(daemon.address, controller)).toBe("TLSv1.3");
    await rotate(daemon, directory, next);
  });

  test("stays closed when the files cannot be used, saying which and why", async () => {
    const directory = await tlsDirectory({ ...server, ca: Buffer.from("") });
    const start = startDaemon(ROUTES, {
      transport: { kind: "tls", directory, allowedSans: [], reloadMs: RELOAD_MS },
    });
    await expect(start).rejects.toMatchObject({
      name: "ConfigError",
      problems: [
        {
          variable: "VIRTRIGAUD_TLS_DIR",
          message: expect.stringContaining(
            `${directory}/ca.crt: is not a PEM certificate; mount the provider's certificate there`,
          ),
        },
      ],
    });
  });
});

describe("the client", () => {
  test("checks the provider's certificate against the IP address that it connects to", async () => {
    const byAddress = (daemon: TestDaemon) =>
      connectProvider({ address: daemon.address, tls: controller, retries: 0 });
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => void warnings.push(message);
    process.on("warning", onWarning);
    const right = await byAddress(
      (await startTls([], await authority.issue([{ type: "ip", value: "127.0.0.1" }]))).daemon,
    );
    const wrong = await byAddress(
      (await startTls([], await authority.issue([{ type: "dns", value: "localhost" }]))).daemon,
    );
    opened.push(right, wrong);
    await right.getInfo({});
    await expect(wrong.getInfo({})).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
      message: expect.stringContaining("IP: 127.0.0.1 is not in the cert's list"),
    });
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  test("connects anew with rotated files", async () => {
    const { daemon, directory } = await startTls();
    const own = await tlsDirectory(controller);
    const paths = { certFile: `${own}/tls.crt`, keyFile: `${own}/tls.key`, caFile: `${own}/ca.crt` };
    const connection = await connectProvider({
      address: daemon.address,
      tls: { ...paths, serverName: "localhost", reloadMs: RELOAD_MS },
    });
    opened.push(connection);
    expect((await connection.getInfo({})).provider).toBe("spiffe://example/controller");

    await replaceIdentity(own, await stranger.issue([{ type: "dns", value: "new.example" }]));
    await rotate(daemon, directory, await stranger.issue(LOCALHOST));
    await daemon.stop();
    const again = await startDaemon(ROUTES, {
      listenAddress: daemon.address,
      transport: { kind: "tls", directory, allowedSans: [], reloadMs: RELOAD_MS },
    });
    expect(again.address).toBe(daemon.address);
    await connection.waitForServing({ timeoutMs: 5_000 });
    expect((await connection.getInfo({})).provider).toBe("new.example");
  });
});

/** Replaces the files and waits until they are in use: a look in the middle of a swap is followed by another. */
async function rotate(daemon: TestDaemon, directory: string, identity: Identity): Promise<void> {
  const rotations = () => daemon.lines.filter(({ msg }) => msg === "TLS certificates were rotated").length;
  const before = rotations();
  await replaceIdentity(directory, identity);
  await eventually(() => expect(rotations()).toBeGreaterThan(before));
  await sleep(3 * RELOAD_MS);
}
