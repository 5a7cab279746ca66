import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Resource } from "../api/kinds.ts";
import { parseResource } from "../api/parse.ts";
import { isAlive } from "../children/is-alive.ts";
import { openStandIn } from "./open-stand-in.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stand-in-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

function resource(kind: string, name: string, spec: object): Resource {
  const parsed = parseResource({ apiVersion: "infra.virtrigaud.io/v1beta1", kind, metadata: { name }, spec });
  if (parsed.resource === undefined) throw new Error(JSON.stringify(parsed.problems));
  return parsed.resource;
}

const resources = [
  resource("VMClass", "c", { cpu: 1, memory: "1Gi", diskDefaults: { storageClass: "fast" } }),
  resource("VMImage", "i", { source: { proxmox: { templateName: "debian", node: "n1" } } }),
];

/** A command that says what it was started with, then `ready`, then waits for its standard input to end; or that fails. */
async function command(name: string, ready: object | string): Promise<void> {
  const script = `#!${process.execPath}
require("node:fs").writeFileSync(${JSON.stringify(join(folder, `${name}.seen`))}, JSON.stringify({
  pid: process.pid, argv: process.argv.slice(2), secret: process.env.PVE_TOKEN_SECRET ?? null,
}));
console.error("libvirtd: warning : noise");
console.error("building");
${
  typeof ready === "string"
    ? `console.error(${JSON.stringify(ready)}); process.exit(1);`
    : `console.log(${JSON.stringify(JSON.stringify(ready))}); process.stdin.on("end", () => process.exit()).resume();`
}`;
  await writeFile(join(folder, name), script);
  await chmod(join(folder, name), 0o755);
}

async function seen(name: string): Promise<{ pid: number; argv: string[]; secret: string | null }> {
  return JSON.parse(await readFile(join(folder, `${name}.seen`), "utf8"));
}

async function open(type: string, spec: object = {}) {
  const provider = resource("Provider", "p", {
    type,
    endpoint: "https://real.example",
    credentialSecretRef: { name: "s" },
    runtime: { endpoint: "dns:///somebody.example:9443" },
    ...spec,
  });
  if (provider.kind !== "Provider") throw new Error("not a Provider");
  const lines: string[] = [];
  const services = {
    controllerId: "vrtg/test",
    env: { PATH: folder },
    credentialsFolder: undefined,
    simulateFor: () => resources,
    secretOf: () => Promise.resolve(undefined),
    onLine: (_: unknown, line: string) => lines.push(line),
  };
  const opened = await openStandIn(provider, resources, services, new AbortController().signal);
  return { ...opened, lines };
}

describe("what stands in for a hypervisor", () => {
  test("libvirt: a private libvirtd that emulates, with images of its own and no credentials", async () => {
    const images = { bios: "/pool/bios.qcow2", uefi: "/pool/uefi.qcow2" };
    await command("virtrigaud-libvirtd", { uri: "qemu+unix:///session?socket=/s", pool: "/pool", images });
    await command("virtrigaud-provider-libvirt", {});
    const { provider, credentials, standIn, close, lines } = await open("libvirt", {
      defaults: { datastore: "ssd" },
    });
    expect(provider.spec).toEqual({
      type: "libvirt",
      endpoint: "qemu+unix:///session?socket=/s",
      credentialSecretRef: { name: "s" },
      accel: "tcg",
      storageClasses: { fast: { pool: "default" } },
    });
    expect(credentials).toEqual(new Map());
    expect(standIn).toEqual({ simulated: false, label: "private libvirtd, emulated", images });
    expect(lines).toEqual(["building"]);
    const { pid, argv } = await seen("virtrigaud-libvirtd");
    expect(argv).toEqual(["--guest-images"]);
    await close();
    expect(isAlive(pid)).toBe(false);
  });

  test("Proxmox VE: a simulator with the nodes and templates that the manifests name, and a token of its own", async () => {
    await command("virtrigaud-pve", { url: "https://127.0.0.1:1", tokenId: "t", certificatePem: "PEM" });
    await command("virtrigaud-provider-proxmox", {});
    const { provider, credentials, standIn, close } = await open("proxmox", { insecureSkipVerify: true });
    const { argv, secret } = await seen("virtrigaud-pve");
    expect(provider.spec).toEqual({
      type: "proxmox",
      endpoint: "https://127.0.0.1:1",
      credentialSecretRef: { name: "s" },
      insecureSkipVerify: false,
      storageClasses: { fast: { storage: "local-lvm" } },
    });
    expect(
      Object.fromEntries([...credentials].map(([name, text]) => [name, Buffer.from(text).toString()])),
    ).toEqual({
      token_id: "t",
      token_secret: secret,
      "ca.crt": "PEM",
    });
    expect(secret).toMatch(/^[\w-]{32}$/);
    expect(argv).toEqual(["--node", "n1", "--template", "9000:debian"]);
    expect(standIn).toEqual({ simulated: true, label: "simulated", images: undefined });
    await close();
  });

  test("one that this machine cannot have says so in its own words, and that waiting does not help", async () => {
    await command(
      "virtrigaud-libvirtd",
      "install libvirt-daemon (apt-get install libvirt-daemon; needs root)",
    );
    await command("virtrigaud-provider-libvirt", {});
    await expect(open("libvirt")).rejects.toMatchObject({
      reason: "StandInMissing",
      final: true,
      message:
        "virtrigaud-libvirtd exited with code 1: install libvirt-daemon (apt-get install libvirt-daemon; needs root)",
    });
  });

  test("none is started for a provider that is not installed", async () => {
    await command("virtrigaud-libvirtd", {});
    await expect(open("libvirt")).rejects.toMatchObject({
      reason: "NotInstalled",
      message: expect.stringMatching(/^virtrigaud-provider-libvirt is not on PATH/),
    });
    await expect(seen("virtrigaud-libvirtd")).rejects.toThrow("ENOENT");
  });
});
