import { describe, expect, test } from "@jest/globals";
import { fieldPath } from "./describe.ts";
import { parseResource } from "./parse.ts";

const API = "infra.virtrigaud.io/v1beta1";

/** "field: message" of every problem. */
function problems(value: unknown): string[] {
  return parseResource(value).problems.map(({ path, message }) => `${fieldPath(path)}: ${message}`);
}

const object = (kind: string, spec: unknown, metadata: object = {}) => ({
  apiVersion: API,
  kind,
  metadata: { name: "x", ...metadata },
  spec,
});
const vmClass = (spec: object) => object("VMClass", { cpu: 2, memory: "4Gi", ...spec });
const machine = (spec: object, metadata: object = {}) =>
  object("VirtualMachine", { providerRef: { name: "p" }, classRef: { name: "c" }, ...spec }, metadata);
const image = (source: object) => object("VMImage", { source });
const provider = (spec: object) =>
  object("Provider", {
    type: "libvirt",
    endpoint: "qemu:///system",
    credentialSecretRef: { name: "s" },
    ...spec,
  });

describe("what is accepted comes out normalised", () => {
  const spec = (value: unknown) => {
    const { resource, problems: found } = parseResource(value);
    return resource !== undefined && "spec" in resource ? resource.spec : found;
  };

  test("the namespace is default, an empty one too", () => {
    const meta = (metadata: object) =>
      parseResource(object("VMClass", { cpu: 1, memory: 1 }, metadata)).resource?.metadata;
    expect(meta({})).toEqual({ name: "x", namespace: "default" });
    expect(meta({ namespace: "" })).toEqual({ name: "x", namespace: "default" });
    expect(meta({ namespace: "lab" })).toEqual({ name: "x", namespace: "lab" });
  });

  test.each([
    ["EFI is UEFI", { firmware: "EFI" }, { firmware: "UEFI" }],
    ["absent firmware stays absent", {}, {}],
    [
      "nesting required",
      { performanceProfile: { nestedVirtualization: true } },
      { performanceProfile: { nestedVirtualization: true } },
    ],
    [
      "nesting off",
      { performanceProfile: { nestedVirtualization: false } },
      { performanceProfile: { nestedVirtualization: false } },
    ],
    ["nesting not mentioned", { performanceProfile: {} }, { performanceProfile: {} }],
    [
      "YAML 1.1 booleans",
      { performanceProfile: { nestedVirtualization: "yes", cpuHotAddEnabled: "Off" } },
      { performanceProfile: { nestedVirtualization: true, cpuHotAddEnabled: false } },
    ],
    ["null is absent", { performanceProfile: null, firmware: null }, {}],
    ["empty text is absent", { diskDefaults: { storageClass: "" } }, { diskDefaults: {} }],
    [
      "but not in a mapping of texts",
      { extraConfig: { a: "", b: "on" } },
      { extraConfig: { a: "", b: "on" } },
    ],
    ["a quantity as a number", { memory: 4294967296 }, { memory: "4294967296" }],
  ])("VMClass: %s", (_, given, expected) => {
    expect(spec(vmClass(given))).toEqual({ cpu: 2, memory: "4Gi", ...expected });
  });

  test.each([
    ["On", "On"],
    ["on", "On"],
    [true, "On"],
    ["yes", "On"],
    ["Off", "Off"],
    [false, "Off"],
    ["no", "Off"],
    ["OffGraceful", "OffGraceful"],
  ])("powerState %j is %s", (given, expected) => {
    expect(spec(machine({ imageRef: { name: "i" }, powerState: given }))).toMatchObject({
      powerState: expected,
    });
  });

  test("what a server added to an exported object", () => {
    const metadata = {
      uid: "1",
      resourceVersion: "2",
      generation: 3,
      creationTimestamp: null,
      managedFields: [{ manager: "kubectl" }],
      finalizers: ["virtualmachine.infra.virtrigaud.io/finalizer"],
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "virtrigaud.io/requester": "me",
      },
    };
    const exported = {
      ...machine({ imageRef: { name: "i" } }, metadata),
      status: { phase: "Running", ips: ["192.0.2.1"] },
    };
    expect(problems(exported)).toEqual([]);
  });

  test("an adopted machine needs no image", () => {
    expect(problems(machine({}, { annotations: { "virtrigaud.io/adopt-vm": "vm-42" } }))).toEqual([]);
  });

  test("a Provider without runtime, with this project's additions", () => {
    const additions = {
      endpoint: "https://pve.example.com:8006",
      type: "proxmox",
      accel: "tcg",
      naming: "{namespace}-{name}",
      storageClasses: { "fast-ssd": { storage: "local-zfs" } },
      runtime: { endpoint: "unix:///run/provider.sock" },
    };
    expect(problems(provider(additions))).toEqual([]);
  });
});

describe("what is wrong is named, with what was expected", () => {
  test.each<[string, unknown, string[]]>([
    [
      "all at once",
      object(
        "VMClass",
        {
          cpu: "eight",
          memory: "100m",
          firmware: "Bios",
          resourceLimits: { cpuLimit: 400, cpuReservation: 500 },
        },
        { name: "X_1" },
      ),
      [
        'metadata.name: expected a name of at most 253 lower-case letters, digits, "-" and ".", got "X_1"',
        'spec.cpu: expected an integer from 1 to 128, got "eight"',
        'spec.memory: expected a whole number of bytes such as 8Gi, 512Mi or 1073741824, got "100m"',
        'spec.firmware: expected one of BIOS, UEFI, EFI, got "Bios"',
        "spec.resourceLimits.cpuReservation: the reservation must not exceed spec.resourceLimits.cpuLimit",
      ],
    ],
    [
      "out of range",
      vmClass({ cpu: 129 }),
      ["spec.cpu: expected an integer from 1 to 128, got the number 129"],
    ],
    [
      "a fraction",
      vmClass({ cpu: 1.5 }),
      ["spec.cpu: expected an integer from 1 to 128, got the number 1.5"],
    ],
    [
      "missing",
      object("VMClass", {}),
      [
        "spec.cpu: required: expected an integer from 1 to 128",
        "spec.memory: required: expected a whole number of bytes such as 8Gi, 512Mi or 1073741824",
      ],
    ],
    ["no spec", object("VMClass", undefined), ["spec: required: expected a mapping"]],
    [
      "a typo",
      vmClass({ performanceProfile: { nestedVirtualisation: true } }),
      ["spec.performanceProfile.nestedVirtualisation: unknown field; did you mean nestedVirtualization?"],
    ],
    [
      "the wrong level",
      vmClass({ nestedVirtualization: true }),
      [
        "spec.nestedVirtualization: unknown field; did you mean spec.performanceProfile.nestedVirtualization?",
      ],
    ],
    [
      "an unknown field",
      vmClass({ securityProfile: { "x y": 1 } }),
      [
        'spec.securityProfile["x y"]: unknown field; known here: secureBoot, tpmEnabled, tpmVersion, vtdEnabled, encryptionPolicy',
      ],
    ],
    [
      "an inherited name",
      JSON.parse(
        `{"apiVersion":"${API}","kind":"VMClass","metadata":{"name":"x"},"spec":{"cpu":1,"memory":1,"__proto__":{"cpu":2}}}`,
      ),
      [
        "spec.__proto__: unknown field; known here: cpu, memory, firmware, diskDefaults, guestToolsPolicy, extraConfig, resourceLimits, performanceProfile, securityProfile",
      ],
    ],
    [
      "an unquoted version",
      vmClass({ securityProfile: { tpmVersion: 2 } }),
      ['spec.securityProfile.tpmVersion: expected one of "1.2", "2.0", got the number 2; put it in quotes'],
    ],
    [
      "a mapping for text",
      vmClass({ diskDefaults: { storageClass: {} } }),
      ["spec.diskDefaults.storageClass: expected text of at most 253 characters, got a mapping"],
    ],
    [
      "a list for a mapping",
      vmClass({ diskDefaults: [1] }),
      ["spec.diskDefaults: expected a mapping, got a list of 1"],
    ],
    [
      "too many entries",
      vmClass({ extraConfig: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, "v"])) }),
      ["spec.extraConfig: expected a mapping of at most 50 names to texts, got a mapping"],
    ],
    [
      "too many networks",
      machine({
        imageRef: { name: "i" },
        networks: Array.from({ length: 11 }, (_, i) => ({ name: `n${i}` })),
      }),
      ["spec.networks: expected a list of at most 10 items, got a list of 11"],
    ],
    [
      "in a list",
      machine({ imageRef: { name: "i" }, networks: [{ name: "a" }, { ipAddress: "10.0.0.256" }, null] }),
      [
        'spec.networks[1].name: required: expected a name of at most 63 lower-case letters, digits and "-"',
        'spec.networks[1].ipAddress: expected an IPv4 address such as 192.0.2.10, got "10.0.0.256"',
        "spec.networks[2]: expected a mapping, got nothing",
      ],
    ],
    [
      "power state",
      machine({ imageRef: { name: "i" }, powerState: "Paused" }),
      ['spec.powerState: expected one of On, Off, OffGraceful, got "Paused"'],
    ],
    [
      "duration",
      machine({ imageRef: { name: "i" }, lifecycle: { gracefulShutdownTimeout: 60 } }),
      [
        'spec.lifecycle.gracefulShutdownTimeout: expected a duration such as "90s" or "1h30m", got the number 60; put it in quotes',
      ],
    ],
    [
      "an annotation of ours",
      machine({ imageRef: { name: "i" } }, { annotations: { "virtrigaud.io/verify-nesting": "never" } }),
      [
        'metadata.annotations["virtrigaud.io/verify-nesting"]: expected one of first-boot, on-demand, "off", got "never"',
      ],
    ],
    [
      "endpoint",
      provider({ endpoint: "vcenter.example.com" }),
      [
        'spec.endpoint: expected a URL such as https://vcenter.example.com/sdk or qemu+ssh://user@host/system, got "vcenter.example.com"',
      ],
    ],
    [
      "empty text that is required",
      provider({ type: "" }),
      ['spec.type: expected one of vsphere, libvirt, firecracker, qemu, proxmox, got ""'],
    ],
    [
      "a storage class that names nothing",
      provider({ storageClasses: { fast: {} } }),
      ["spec.storageClasses.fast: expected a mapping with datastore, policy, pool or storage, got a mapping"],
    ],
    [
      "a name template without the name",
      provider({ naming: "vm-{namespace}" }),
      [
        'spec.naming: expected a template of {name} and {namespace} that contains {name}, got "vm-{namespace}"',
      ],
    ],
  ])("%s", (_, value, expected) => {
    expect(problems(value)).toEqual(expected);
  });
});

describe("rules between fields", () => {
  const uefi = (knob: string) => `${knob} needs UEFI firmware: set spec.firmware to UEFI or leave it out`;
  test.each<[string, unknown, string[]]>([
    [
      "TPM on BIOS",
      vmClass({ firmware: "BIOS", securityProfile: { tpmEnabled: true } }),
      [`spec.securityProfile.tpmEnabled: ${uefi("TPM")}`],
    ],
    ["no TPM on BIOS", vmClass({ firmware: "BIOS", securityProfile: { tpmEnabled: false } }), []],
    ["TPM without firmware", vmClass({ securityProfile: { tpmEnabled: true } }), []],
    ["TPM on EFI", vmClass({ firmware: "EFI", securityProfile: { tpmEnabled: true } }), []],
    [
      "secure boot on BIOS",
      vmClass({ firmware: "BIOS", securityProfile: { secureBoot: true } }),
      [`spec.securityProfile.secureBoot: ${uefi("Secure boot")}`],
    ],
    [
      "VBS on BIOS",
      vmClass({ firmware: "BIOS", performanceProfile: { virtualizationBasedSecurity: true } }),
      [`spec.performanceProfile.virtualizationBasedSecurity: ${uefi("Virtualization-based security")}`],
    ],
    [
      "VBS without nesting is the providers' to refuse",
      vmClass({ performanceProfile: { virtualizationBasedSecurity: true, nestedVirtualization: false } }),
      [],
    ],
    [
      "CPU reservation up to the limit",
      vmClass({ resourceLimits: { cpuReservation: 400, cpuLimit: 400 } }),
      [],
    ],
    [
      "memory reservation over the limit",
      vmClass({ resourceLimits: { memoryReservation: "2Gi", memoryLimit: 1024 } }),
      [
        "spec.resourceLimits.memoryReservation: the reservation must not exceed spec.resourceLimits.memoryLimit",
      ],
    ],
    [
      "a limit that is wrong in itself is reported once",
      vmClass({ resourceLimits: { memoryReservation: "2Gi", memoryLimit: "2GB" } }),
      [
        'spec.resourceLimits.memoryLimit: expected a whole number of bytes such as 8Gi, 512Mi or 1073741824, got "2GB"',
      ],
    ],
    [
      "no boot source",
      machine({}),
      [
        "spec: exactly one of spec.imageRef and spec.importedDisk is required (neither with the annotation virtrigaud.io/adopt-vm)",
      ],
    ],
    [
      "two boot sources",
      machine({ imageRef: { name: "i" }, importedDisk: { diskID: "d" } }),
      [
        "spec: exactly one of spec.imageRef and spec.importedDisk is required (neither with the annotation virtrigaud.io/adopt-vm)",
      ],
    ],
    [
      "two networks of one name",
      machine({ imageRef: { name: "i" }, networks: [{ name: "a" }, { name: "a" }] }),
      ["spec.networks: every network needs a name of its own"],
    ],
    [
      "two disks of one name",
      machine({
        imageRef: { name: "i" },
        disks: [
          { name: "a", sizeGiB: 1 },
          { name: "a", sizeGiB: 2 },
        ],
      }),
      ["spec.disks: every disk needs a name of its own"],
    ],
    [
      "a checksum with prefix",
      image({ libvirt: { url: "https://a/b", checksum: `sha256:${"0".repeat(64)}` } }),
      [],
    ],
    [
      "a checksum that is none",
      image({ http: { url: "https://a/b", checksum: "sha256:abc" } }),
      [
        "spec.source.http.checksum: expected the digest in hexadecimal (md5 32, sha1 40, sha256 64, sha512 128 digits), " +
          "alone or as algorithm:digest; the algorithm must agree with checksumType (sha256 when absent)",
      ],
    ],
  ])("%s", (_, value, expected) => {
    expect(problems(value)).toEqual(expected);
  });
});

describe("what is no object of ours", () => {
  const handled = "VMClass, VMImage, VirtualMachine, Provider, VMNetworkAttachment, Secret";
  test.each<[unknown, string[]]>([
    ["text", [": expected a Kubernetes object: a mapping with apiVersion, kind and metadata"]],
    [[], [": expected a Kubernetes object: a mapping with apiVersion, kind and metadata"]],
    [{ kind: "VMClass" }, [`apiVersion: required: expected text such as ${API}`]],
    [{ apiVersion: API }, [`kind: required: expected one of ${handled}`]],
    [
      { apiVersion: "infra.virtrigaud.io/v1", kind: "VMClass" },
      [`apiVersion: expected ${API} for a VMClass, got "infra.virtrigaud.io/v1"`],
    ],
    [{ apiVersion: API, kind: "Secret" }, [`apiVersion: expected v1 for a Secret, got "${API}"`]],
    [
      { apiVersion: API, kind: "VMSnapshot" },
      ["kind: VMSnapshot is accepted by the API and not handled by this version"],
    ],
    [
      { apiVersion: API, kind: "VirtualMachin" },
      ['kind: unknown kind "VirtualMachin"; did you mean VirtualMachine?'],
    ],
    [
      { apiVersion: API, kind: "constructor" },
      [`kind: unknown kind "constructor"; expected one of ${handled}`],
    ],
    [
      { apiVersion: "v1", kind: "ConfigMap" },
      [`kind: "ConfigMap" of "v1" is not handled: expected one of ${handled}`],
    ],
  ])("%j", (value, expected) => {
    expect(problems(value)).toEqual(expected);
  });
});

test("no message shows a value of a Secret, of cloud-init or a URL's credentials", () => {
  expect(problems(provider({ endpoint: "esx://root:hunter2@host" }))).toEqual([
    'spec.endpoint: expected a URL such as https://vcenter.example.com/sdk or qemu+ssh://user@host/system, got "esx://…@host"',
  ]);
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "x" },
    data: { password: "hunter2!", list: ["hunter2"], number: 4711 },
    stringData: { password: { hunter2: "hunter2" }, number: 4711 },
  };
  const base64 = "expected base64 text (write plain text under stringData), got";
  expect(problems(secret)).toEqual([
    `data.password: ${base64} another text`,
    `data.list: ${base64} a list of 1`,
    `data.number: ${base64} a number`,
    "stringData.password: expected text, got a mapping",
    "stringData.number: expected text, got a number",
  ]);
  expect(problems(machine({ imageRef: { name: "i" }, userData: { cloudInit: { inline: 4711 } } }))).toEqual([
    "spec.userData.cloudInit.inline: expected text, got a number",
  ]);
});
