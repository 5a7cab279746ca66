import { describe, expect, test } from "@jest/globals";
import { ConfigError } from "@virtrigaud/kit";
import { readProxmoxConfig } from "./config.ts";

const fingerprint = `${"ab:".repeat(31)}ab`;
const files: Record<string, string> = {
  "/full.json": JSON.stringify({
    defaults: {
      node: "pve2",
      storage: "fast",
      imageStorage: "local",
      bridge: "vmbr1",
      pool: "labs",
      datastore: "not used beside storage",
      cluster: "vSphere's",
    },
    storageClasses: { gold: { storage: "nvme", pool: "libvirt's" } },
    accel: "tcg",
    cpuModel: "host",
    vmids: { first: 5000, last: 5999 },
    fingerprint,
    rateLimit: { qps: 10 },
  }),
  "/provider.json": JSON.stringify({
    defaults: { datastore: "fast", network: "vmbr1", resourcePool: "labs" },
    accel: "auto",
  }),
  "/ca.json": JSON.stringify({ caFile: "/ca.pem" }),
  "/ca.pem": "PEM",
  "/wrong.json": JSON.stringify({
    defaults: { node: "" },
    storageClasses: { gold: { pool: "x" } },
    cpuModel: 7,
    vmids: { first: 200, last: 100 },
    fingerprint: "ab",
    colour: "blue",
  }),
  "/lost.json": JSON.stringify({ caFile: "/gone.pem" }),
};
const read = (env: NodeJS.ProcessEnv) =>
  readProxmoxConfig(env, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  });
const problems = (env: NodeJS.ProcessEnv) => {
  try {
    return read(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, message }) => `${variable} ${message}`);
  }
};

const PROVIDER_ENDPOINT = "https://pve.example.com:8006";
const settings = { storageClasses: {}, accel: "kvm", vmids: { first: 100, last: 999_999_999 } };
const least = {
  endpoint: "https://pve.example.com:8006",
  trust: { mode: "ca" },
  credentialsDirectory: "/etc/virtrigaud/credentials",
  settings,
};

describe("the configuration", () => {
  test.each<[string, NodeJS.ProcessEnv, object]>([
    ["at its least", { PROVIDER_ENDPOINT }, least],
    ["without a scheme and a port", { PROVIDER_ENDPOINT: "pve.example.com" }, least],
    ["with the path that others want", { PROVIDER_ENDPOINT: `${PROVIDER_ENDPOINT}/api2/json` }, least],
    [
      "behind a proxy",
      { PROVIDER_ENDPOINT: "https://pve.example.com:443/" },
      { ...least, endpoint: "https://pve.example.com:443" },
    ],
    [
      "that trusts anyone",
      { PROVIDER_ENDPOINT, TLS_INSECURE_SKIP_VERIFY: "true", PROVIDER_CONFIG_FILE: "/ca.json" },
      { ...least, trust: { mode: "insecure" } },
    ],
    [
      "that does not",
      { PROVIDER_ENDPOINT, TLS_INSECURE_SKIP_VERIFY: "false", PROVIDER_CONFIG_FILE: "/ca.json" },
      { ...least, trust: { mode: "ca", caBundle: "PEM" } },
    ],
    [
      "whole, with what is for other providers left out",
      { PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/full.json", VIRTRIGAUD_CREDENTIALS_DIR: "/run/secrets" },
      {
        ...least,
        trust: { mode: "fingerprint", sha256: fingerprint },
        credentialsDirectory: "/run/secrets",
        settings: {
          node: "pve2",
          storage: "fast",
          imageStorage: "local",
          bridge: "vmbr1",
          pool: "labs",
          storageClasses: { gold: { storage: "nvme" } },
          accel: "tcg",
          cpuModel: "host",
          vmids: { first: 5000, last: 5999 },
        },
      },
    ],
    [
      "in the words of Provider.spec.defaults",
      { PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/provider.json" },
      { ...least, settings: { ...settings, storage: "fast", bridge: "vmbr1", pool: "labs" } },
    ],
  ])("%s", (_, env, expected) => {
    expect(read(env)).toEqual(expected);
  });

  test.each<[string, NodeJS.ProcessEnv, string[]]>([
    [
      "nothing at all",
      {},
      ["PROVIDER_ENDPOINT is missing; set it to the address of a node, e.g. https://pve.example.com:8006"],
    ],
    [
      "no URL",
      { PROVIDER_ENDPOINT: "https://root:secret@[" },
      ["PROVIDER_ENDPOINT is not a URL; use e.g. https://pve.example.com:8006"],
    ],
    [
      "credentials in the URL",
      { PROVIDER_ENDPOINT: "https://root:secret@pve" },
      ["PROVIDER_ENDPOINT holds credentials; put them into the credentials secret"],
    ],
    [
      "a CA file that is gone",
      { PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/lost.json" },
      ["PROVIDER_CONFIG_FILE caFile /gone.pem cannot be read: ENOENT: /gone.pem"],
    ],
    [
      "a switch that is neither on nor off",
      { PROVIDER_ENDPOINT, TLS_INSECURE_SKIP_VERIFY: "yes" },
      ["TLS_INSECURE_SKIP_VERIFY must be true or false"],
    ],
    [
      "everything at once",
      { PROVIDER_ENDPOINT: "http://pve", PROVIDER_CONFIG_FILE: "/wrong.json" },
      [
        "PROVIDER_ENDPOINT Proxmox VE is spoken to over https only",
        "PROVIDER_CONFIG_FILE /wrong.json: defaults.node: Too small: expected string to have >=1 characters",
        "PROVIDER_CONFIG_FILE /wrong.json: storageClasses.gold: names no storage, which is what Proxmox VE has",
        "PROVIDER_CONFIG_FILE /wrong.json: cpuModel: Invalid input: expected string, received number",
        "PROVIDER_CONFIG_FILE /wrong.json: vmids: its first is above its last",
        "PROVIDER_CONFIG_FILE /wrong.json: fingerprint: expected 32 hex bytes, with or without colons",
        'PROVIDER_CONFIG_FILE /wrong.json: Unrecognized key: "colour"',
      ],
    ],
  ])("with %s", (_, env, expected) => {
    expect(problems(env)).toEqual(expected);
  });
});
