import { describe, expect, test } from "@jest/globals";
import { ConfigError } from "@virtrigaud/kit";
import { readVsphereConfig } from "./config.ts";

const thumbprint = "ab:".repeat(31) + "ab";
const files: Record<string, string> = {
  "/full.json": JSON.stringify({
    defaults: {
      datacenter: "dc1",
      datastore: "ds",
      cluster: "c1",
      folder: "labs",
      resourcePool: "p",
      network: "lab",
      pool: "libvirt's",
    },
    storageClasses: { gold: { datastore: "fast-ssd" }, safe: { policy: "aa6d5a82", storage: "proxmox's" } },
    thumbprint,
    accel: "auto",
  }),
  "/ca.json": JSON.stringify({ caFile: "/ca.pem" }),
  "/ca.pem": "PEM",
  "/broken.json": "{",
  "/wrong.json": JSON.stringify({
    defaults: { cluster: "" },
    storageClasses: { gold: { pool: "x" } },
    thumbprint: "ab",
    colour: "blue",
  }),
  "/lost.json": JSON.stringify({ caFile: "/gone.pem" }),
};
const read = (env: NodeJS.ProcessEnv) =>
  readVsphereConfig(env, (path) => {
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

const PROVIDER_ENDPOINT = "https://vcenter.example.com";
const least = {
  url: "https://vcenter.example.com/sdk",
  trust: { mode: "ca" },
  credentialsDirectory: "/etc/virtrigaud/credentials",
  settings: { defaults: {}, storageClasses: {} },
};

describe("the configuration", () => {
  test.each<[string, NodeJS.ProcessEnv, object]>([
    ["at its least", { PROVIDER_ENDPOINT }, least],
    ["without a scheme", { PROVIDER_ENDPOINT: "vcenter.example.com" }, least],
    [
      "with a path and a port",
      { PROVIDER_ENDPOINT: "https://vcenter.example.com:8443/api/sdk" },
      { ...least, url: "https://vcenter.example.com:8443/api/sdk" },
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
        trust: { mode: "thumbprint", sha256: thumbprint },
        credentialsDirectory: "/run/secrets",
        settings: {
          defaults: {
            datacenter: "dc1",
            datastore: "ds",
            cluster: "c1",
            folder: "labs",
            resourcePool: "p",
            network: "lab",
          },
          storageClasses: { gold: { datastore: "fast-ssd" }, safe: { policy: "aa6d5a82" } },
        },
      },
    ],
  ])("%s", (_, env, expected) => {
    expect(read(env)).toEqual(expected);
  });

  test.each<[string, NodeJS.ProcessEnv, string[]]>([
    [
      "nothing at all",
      {},
      ["PROVIDER_ENDPOINT is missing; set it to vCenter's address, e.g. https://vcenter.example.com"],
    ],
    [
      "no URL",
      { PROVIDER_ENDPOINT: "https://root:secret@[" },
      ["PROVIDER_ENDPOINT is not a URL; use e.g. https://vcenter.example.com"],
    ],
    [
      "plain http",
      { PROVIDER_ENDPOINT: "http://vcenter" },
      ["PROVIDER_ENDPOINT vCenter is spoken to over https only"],
    ],
    [
      "credentials in the URL",
      { PROVIDER_ENDPOINT: "https://root:secret@vcenter" },
      ["PROVIDER_ENDPOINT holds credentials; put them into the credentials secret"],
    ],
    [
      "a file that is gone",
      { PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/gone.json" },
      ["PROVIDER_CONFIG_FILE /gone.json cannot be read as JSON: ENOENT: /gone.json"],
    ],
    [
      "a file that is no JSON",
      { PROVIDER_ENDPOINT, PROVIDER_CONFIG_FILE: "/broken.json" },
      [
        expect.stringMatching(
          /^PROVIDER_CONFIG_FILE \/broken.json cannot be read as JSON: /,
        ) as unknown as string,
      ],
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
      { PROVIDER_ENDPOINT: "http://vcenter", PROVIDER_CONFIG_FILE: "/wrong.json" },
      [
        "PROVIDER_ENDPOINT vCenter is spoken to over https only",
        "PROVIDER_CONFIG_FILE /wrong.json: defaults.cluster: Too small: expected string to have >=1 characters",
        "PROVIDER_CONFIG_FILE /wrong.json: storageClasses.gold: names neither a datastore nor a policy, which is what vSphere has",
        "PROVIDER_CONFIG_FILE /wrong.json: thumbprint: expected 32 hex bytes, with or without colons",
        'PROVIDER_CONFIG_FILE /wrong.json: Unrecognized key: "colour"',
      ],
    ],
  ])("with %s", (_, env, expected) => {
    expect(problems(env)).toEqual(expected);
  });
});
