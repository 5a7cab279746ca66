import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Provider } from "../api/provider.ts";
import { type ProviderProcess, startProviderProcess } from "./provider-process.ts";

const PASSWORD = "hunter2";
const provider = Provider.parse({
  apiVersion: "infra.virtrigaud.io/v1beta1",
  kind: "Provider",
  metadata: { name: "lab", namespace: "team" },
  spec: {
    type: "vsphere",
    endpoint: "https://vc.example",
    credentialSecretRef: { name: "vc" },
    defaults: { cluster: "c1" },
    storageClasses: { "fast-ssd": { datastore: "ssd" } },
  },
});

let folder = "";
let running: ProviderProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "provider-process-test-"));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await rm(folder, { recursive: true });
});

/** A command that runs JavaScript, as a provider's executable would be. */
async function command(script: string): Promise<string> {
  const path = join(folder, "provider");
  await writeFile(path, `#!${process.execPath}\n${script}`);
  await chmod(path, 0o755);
  return path;
}

const credentials = new Map([
  ["username", Buffer.from("admin")],
  ["password", Buffer.from(PASSWORD)],
  ["ca.crt", Buffer.from("PEM")],
]);

async function start(script: string): Promise<ProviderProcess> {
  const options = {
    provider,
    command: await command(script),
    credentials,
    controllerId: "vrtg/test",
    env: {},
    onLine: () => undefined,
  };
  running = await startProviderProcess(options, new AbortController().signal);
  return running;
}

describe("provider process", () => {
  test("gets what it needs by files that only this user can read, and no secret by environment or arguments", async () => {
    const report = join(folder, "report.json");
    const { address, stop } = await start(`
      const fs = require("node:fs");
      const folder = (path) => Object.fromEntries(fs.readdirSync(path).map((name) => [name, fs.statSync(path + "/" + name).mode & 0o777]));
      const { VIRTRIGAUD_TLS_DIR, VIRTRIGAUD_CREDENTIALS_DIR, PROVIDER_CONFIG_FILE, ...env } = process.env;
      fs.writeFileSync(${JSON.stringify(report)}, JSON.stringify({
        env, argv: process.argv.slice(2), tls: folder(VIRTRIGAUD_TLS_DIR), credentials: folder(VIRTRIGAUD_CREDENTIALS_DIR),
        password: fs.readFileSync(VIRTRIGAUD_CREDENTIALS_DIR + "/password", "utf8"),
        config: JSON.parse(fs.readFileSync(PROVIDER_CONFIG_FILE, "utf8")), place: PROVIDER_CONFIG_FILE,
      }));
      console.log(JSON.stringify({ msg: "serving", address: "127.0.0.1:4711" }));
      process.stdin.on("end", () => process.exit()).resume();
    `);
    expect(address).toBe("127.0.0.1:4711");
    const { place, ...seen } = JSON.parse(await readFile(report, "utf8")) as { place: string };
    expect(seen).toEqual({
      env: {
        PROVIDER_TYPE: "vsphere",
        PROVIDER_ENDPOINT: "https://vc.example",
        PROVIDER_NAMESPACE: "team",
        PROVIDER_NAME: "lab",
        PROVIDER_LISTEN_ADDRESS: "127.0.0.1:0",
        PROVIDER_HEALTH_ADDRESS: "127.0.0.1:0",
        TLS_INSECURE_SKIP_VERIFY: "false",
        VIRTRIGAUD_PROVIDER_ALLOWED_SANS: "vrtg.local",
        VIRTRIGAUD_CONTROLLER_ID: "vrtg/test",
        VIRTRIGAUD_EXIT_WITH_STDIN: "true",
        LOG_FORMAT: "json",
      },
      argv: [],
      tls: { "ca.crt": 0o600, "tls.crt": 0o600, "tls.key": 0o600 },
      credentials: { "ca.crt": 0o600, password: 0o600, username: 0o600 },
      password: PASSWORD,
      config: {
        defaults: { cluster: "c1" },
        storageClasses: { "fast-ssd": { datastore: "ssd" } },
        caFile: join(dirname(place), "credentials/ca.crt"),
      },
    });
    expect((await stat(dirname(place))).mode & 0o777).toBe(0o700);
    await stop();
    expect(existsSync(dirname(place))).toBe(false);
  });

  test("one that dies at once leaves no files behind", async () => {
    const report = join(folder, "place");
    const script = `require("node:fs").writeFileSync(${JSON.stringify(report)}, process.env.PROVIDER_CONFIG_FILE); process.exit(2);`;
    await expect(start(script)).rejects.toThrow("exited with code 2");
    expect(existsSync(dirname(await readFile(report, "utf8")))).toBe(false);
  });
});
