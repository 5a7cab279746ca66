import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Provider } from "../api/provider.ts";
import { Secret } from "../api/secret.ts";
import { readCredentials } from "./credentials.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "credentials-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

const providerOf = (type: string, endpoint: string) =>
  Provider.parse({
    apiVersion: "infra.virtrigaud.io/v1beta1",
    kind: "Provider",
    metadata: { name: "lab" },
    spec: { type, endpoint, credentialSecretRef: { name: "vc" } },
  });
const provider = providerOf("vsphere", "https://vc.example");
const secret = Secret.parse({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "vc" },
  data: { username: "YWRtaW4=" },
  stringData: { password: "from secret", "../escape": "x", "..data": "x" },
});

async function read(...args: [Secret | undefined, string | undefined]) {
  const entries = await readCredentials(provider, ...args);
  return Object.fromEntries([...entries].map(([name, content]) => [name, Buffer.from(content).toString()]));
}

describe("credentials", () => {
  test("come from the Secret, without keys that are no file names", async () => {
    expect(await read(secret, undefined)).toEqual({ username: "admin", password: "from secret" });
    expect(await read(secret, folder)).toEqual({ username: "admin", password: "from secret" });
  });

  test("come rather from the folder, as a Secret is mounted", async () => {
    await mkdir(join(folder, "vc/..2026_01_01"), { recursive: true });
    await writeFile(join(folder, "vc/username"), "root");
    expect(await read(secret, folder)).toEqual({ username: "root" });
  });

  test("that are nowhere are told, with both places to put them", async () => {
    await expect(read(undefined, undefined)).rejects.toThrow(
      "give --credentials DIR with the files DIR/vc/username",
    );
    await expect(read(undefined, folder)).rejects.toThrow(
      `the files username and password in ${join(folder, "vc")}`,
    );
  });

  test.each([
    [
      "libvirt",
      "qemu+ssh://host/system",
      "DIR/vc/username and DIR/vc/ssh-privatekey, with known_hosts unless ssh knows the host already",
    ],
    ["proxmox", "https://pve:8006", "DIR/vc/token_id and DIR/vc/token_secret, or username and password"],
  ])("of %s at %s are told by their own names", async (type, endpoint, files) => {
    await expect(readCredentials(providerOf(type, endpoint), undefined, undefined)).rejects.toThrow(files);
  });

  test.each(["qemu:///system", "qemu+unix:///session?socket=/run/s"])(
    "are not needed for %s",
    async (endpoint) => {
      expect(await readCredentials(providerOf("libvirt", endpoint), undefined, undefined)).toEqual(new Map());
    },
  );
});
