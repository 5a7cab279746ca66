import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { startMemoryProvider } from "@virtrigaud/memory-provider";
import { Provider } from "../api/provider.ts";
import { Secret } from "../api/secret.ts";
import type { ProviderState } from "./provider-state.ts";
import { superviseProvider } from "./supervisor.ts";

jest.setTimeout(20_000);

let folder = "";
let abort = new AbortController();
let over: Promise<void> = Promise.resolve();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "supervisor-test-"));
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await over;
  await rm(folder, { recursive: true });
});

const SECRET = Secret.parse({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "vc" },
  stringData: { username: "u", password: "p" },
});

function provider(spec: object): Provider {
  return Provider.parse({
    apiVersion: "infra.virtrigaud.io/v1beta1",
    kind: "Provider",
    metadata: { name: "lab" },
    spec: { type: "vsphere", endpoint: "https://vc.example", credentialSecretRef: { name: "vc" }, ...spec },
  });
}

/** Supervises a Provider and gives a way to wait for its state. */
function supervise(spec: object, { withSecret = true, simulate = false } = {}) {
  let state: ProviderState | undefined;
  const services = {
    controllerId: "vrtg/test",
    env: { PATH: folder },
    credentialsFolder: undefined,
    simulateFor: simulate ? () => [] : undefined,
    secretOf: () => Promise.resolve(withSecret ? SECRET : undefined),
    onLine: () => undefined,
  };
  over = superviseProvider(provider(spec), services, (now) => (state = now), abort.signal);
  return async (reason: string): Promise<ProviderState> => {
    for (let tries = 0; tries < 1_200; tries += 1) {
      if (state?.availability.reason === reason) return state;
      await sleep(10);
    }
    throw new Error(`not ${reason}: ${JSON.stringify(state?.availability)}`);
  };
}

const endpoint = (address: string) => ({
  runtime: { endpoint: `dns:///${address}`, service: { tls: { enabled: false } } },
});

describe("supervised provider", () => {
  test("one that goes away and comes back is noticed both times", async () => {
    const first = await startMemoryProvider();
    const until = supervise({ ...endpoint(first.address), healthCheck: { interval: "200ms" } });
    expect(await until("Serving")).toMatchObject({
      simulated: true,
      final: false,
      availability: { status: "True" },
    });
    first.stop();
    expect(await until("Unavailable")).toMatchObject({
      connection: undefined,
      final: false,
    });
    const second = await startMemoryProvider({ listen: first.address });
    expect((await until("Serving")).connection).toBeDefined();
    second.stop();
  });

  test.each<[string, object, object, string, RegExp]>([
    [
      "no daemon for its type is installed",
      {},
      {},
      "NotInstalled",
      /^virtrigaud-provider-vsphere is not on PATH/,
    ],
    [
      "there is no daemon for its type",
      { type: "qemu", endpoint: "qemu:///system" },
      {},
      "NotAvailable",
      /no provider for type qemu/,
    ],
    [
      "there are no credentials",
      {},
      { withSecret: false },
      "CredentialsMissing",
      /names the Secret vc, which is not among the manifests/,
    ],
    [
      "there is no simulator for its type",
      { type: "qemu" },
      { simulate: true },
      "NoSimulator",
      /no simulator for type qemu/,
    ],
    ["no simulator is installed", {}, { simulate: true }, "NotInstalled", /^virtrigaud-vcsim is not on PATH/],
    [
      "no private libvirtd is installed",
      { type: "libvirt" },
      { simulate: true },
      "NotInstalled",
      /^virtrigaud-libvirtd is not on PATH/,
    ],
    [
      "no simulated Proxmox VE is installed",
      { type: "proxmox" },
      { simulate: true },
      "NotInstalled",
      /^virtrigaud-pve is not on PATH/,
    ],
    [
      "somebody else's daemon cannot be trusted",
      { runtime: { endpoint: "dns:///127.0.0.1:1" } },
      {},
      "TlsSecretMissing",
      /spec\.runtime\.service\.tls\.secretRef/,
    ],
  ])(
    "when %s, it says what to do and that waiting does not help",
    async (_, spec, options, reason, message) => {
      const state = await supervise(spec, options)(reason);
      expect(state).toMatchObject({ final: true, connection: undefined, availability: { status: "False" } });
      expect(state.availability.message).toMatch(message);
    },
  );

  test("a daemon that refuses its configuration is quoted", async () => {
    const path = join(folder, "virtrigaud-provider-vsphere");
    await writeFile(
      path,
      `#!${process.execPath}\nconsole.error("PROVIDER_ENDPOINT: expected a URL"); process.exitCode = 2;\n`,
    );
    await chmod(path, 0o755);
    const state = await supervise({})("ConfigurationRefused");
    expect(state).toMatchObject({
      final: true,
      availability: {
        message: "virtrigaud-provider-vsphere exited with code 2: PROVIDER_ENDPOINT: expected a URL",
      },
    });
  });
});
