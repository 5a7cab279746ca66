import { describe, expect, test } from "@jest/globals";
import { ConfigError } from "@virtrigaud/kit";
import { readLibvirtConfig } from "./config.ts";

const directory = "/etc/virtrigaud/credentials";
const texts: Record<string, string> = {
  "/full.json": JSON.stringify({
    defaults: { datastore: "vms", network: "lab", cluster: "vSphere's" },
    storageClasses: { gold: { pool: "fast", datastore: "vSphere's" } },
    accel: "tcg",
    cpuMode: "host-passthrough",
    allowedImageHosts: ["127.0.0.1"],
    rateLimit: { qps: 5 },
  }),
  "/wrong.json": JSON.stringify({ storageClasses: { gold: { policy: "x" } }, accel: "fast", colour: "blue" }),
  "/broken.json": "{",
};

function read(env: NodeJS.ProcessEnv, credentials: Record<string, string> = {}) {
  const files: Record<string, string> = { ...texts };
  for (const [name, text] of Object.entries(credentials)) files[`${directory}/${name}`] = text;
  return readLibvirtConfig(env, {
    exists: (path) => files[path] !== undefined,
    read(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: ${path}`);
      return text;
    },
  });
}

function problems(...args: Parameters<typeof read>): string[] {
  try {
    read(...args);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, message }) => `${variable} ${message}`);
  }
  throw new Error("accepted");
}

const PROVIDER_ENDPOINT = "qemu+ssh://host.example/system";
const least = {
  uri: PROVIDER_ENDPOINT,
  ssh: { keyFile: undefined, knownHostsFile: undefined },
  tls: undefined,
  accel: "auto",
  settings: { storageClasses: {}, cpuMode: "host-model" },
  allowedImageHosts: [],
};

describe("the configuration", () => {
  test("at its least", () => expect(read({ PROVIDER_ENDPOINT })).toEqual(least));

  test("in full", () => {
    const credentials = { "ssh-privatekey": "K", known_hosts: "H", username: "admin\n" };
    expect(read({ PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/full.json" }, credentials)).toEqual({
      uri: "qemu+ssh://admin@host.example/system",
      ssh: { keyFile: `${directory}/ssh-privatekey`, knownHostsFile: `${directory}/known_hosts` },
      tls: undefined,
      accel: "tcg",
      settings: {
        defaultPool: "vms",
        defaultNetwork: "lab",
        storageClasses: { gold: { pool: "fast" } },
        cpuMode: "host-passthrough",
      },
      allowedImageHosts: ["127.0.0.1"],
    });
  });

  test("a user in the URI wins over the secret's, and TLS takes the secret's certificates", () => {
    const named = "qemu+ssh://root@host.example/system";
    expect(read({ PROVIDER_ENDPOINT: named }, { username: "admin" }).uri).toBe(named);
    const files = { "ca.crt": "", "tls.crt": "", "tls.key": "" };
    expect(read({ PROVIDER_ENDPOINT: "qemu+tls://host.example/system" }, files).tls).toEqual({
      caFile: `${directory}/ca.crt`,
      certFile: `${directory}/tls.crt`,
      keyFile: `${directory}/tls.key`,
    });
  });

  test.each<[string, NodeJS.ProcessEnv, Record<string, string>, string[]]>([
    [
      "nothing",
      {},
      {},
      ["PROVIDER_ENDPOINT is missing; set it to a libvirt URI, e.g. qemu+ssh://admin@host/system"],
    ],
    [
      "another driver",
      { PROVIDER_ENDPOINT: "test:///default" },
      {},
      ["PROVIDER_ENDPOINT names libvirt's test driver; this provider is for qemu"],
    ],
    [
      "a password in the URI, which is not repeated",
      { PROVIDER_ENDPOINT: "qemu+ssh://admin:hunter2@host/system" },
      {},
      [
        'PROVIDER_ENDPOINT libvirt URI "qemu+ssh://…@host/system": it must not hold a password: use a key or certificate',
      ],
    ],
    [
      "unchecked hosts",
      { PROVIDER_ENDPOINT, TLS_INSECURE_SKIP_VERIFY: "true" },
      {},
      [
        "TLS_INSECURE_SKIP_VERIFY libvirt hosts are always checked; give known_hosts (ssh) or ca.crt (tls) in the credentials secret instead",
      ],
    ],
    [
      "ssh with a password",
      { PROVIDER_ENDPOINT },
      { password: "hunter2" },
      [
        "VIRTRIGAUD_CREDENTIALS_DIR holds a password and no ssh-privatekey; ssh is used without passwords: add a key as ssh-privatekey",
      ],
    ],
    [
      "a wrong file",
      { PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/wrong.json" },
      {},
      [
        "PROVIDER_CONFIG_FILE /wrong.json: storageClasses.gold: names no pool, which is what libvirt has",
        'PROVIDER_CONFIG_FILE /wrong.json: accel: Invalid option: expected one of "auto"|"kvm"|"tcg"',
        'PROVIDER_CONFIG_FILE /wrong.json: Unrecognized key: "colour"',
      ],
    ],
    [
      "no JSON",
      { PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/broken.json" },
      {},
      [
        expect.stringMatching(
          /^PROVIDER_CONFIG_FILE \/broken\.json cannot be read as JSON: /,
        ) as unknown as string,
      ],
    ],
  ])("refuses %s", (_, env, credentials, expected) => expect(problems(env, credentials)).toEqual(expected));

  test("a socket on this machine has nothing to check", () => {
    const env = { PROVIDER_ENDPOINT: "qemu:///system", TLS_INSECURE_SKIP_VERIFY: "true" };
    expect(read(env).uri).toBe("qemu:///system");
  });
});
