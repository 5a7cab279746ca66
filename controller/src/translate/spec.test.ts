import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import {
  ChecksumAlgorithm,
  DiskController,
  DiskProvisioning,
  Firmware,
  HyperThreadingPolicy,
  LatencySensitivity,
  NestedPolicy,
  TpmVersion,
  type VMSpec,
} from "@virtrigaud/proto";
import type { Resource } from "../api/kinds.ts";
import { parseResource } from "../api/parse.ts";
import { loadManifests } from "../manifest/load.ts";
import type { Inputs } from "./inputs.ts";
import { translate } from "./spec.ts";

const GiB = 2 ** 30;
const nestedSample = fileURLToPath(new URL("../../../deploy/samples/nested", import.meta.url));

function valid<K extends Resource["kind"]>(
  kind: K,
  spec: object,
  more: object = {},
  name = kind.toLowerCase(),
) {
  const apiVersion = kind === "Secret" ? "v1" : "infra.virtrigaud.io/v1beta1";
  const { resource, problems } = parseResource({
    apiVersion,
    kind,
    metadata: { name },
    ...(kind !== "Secret" && { spec }),
    ...more,
  });
  if (resource === undefined) throw new Error(JSON.stringify(problems));
  return resource as Extract<Resource, { kind: K }>;
}

const PROVIDER = { type: "vsphere", endpoint: "https://vc", credentialSecretRef: { name: "s" } };
const VM = { providerRef: { name: "p" }, classRef: { name: "c" }, imageRef: { name: "i" } };

interface Given {
  readonly vmClass?: object;
  readonly vm?: object;
  readonly provider?: object;
  readonly attachments?: readonly (object | undefined)[];
  readonly secrets?: Record<string, object>;
}

function inputs({ vmClass, vm, provider, attachments = [], secrets = {} }: Given): Inputs {
  return {
    vm: valid("VirtualMachine", { ...VM, ...vm }, {}, "web"),
    vmClass: valid("VMClass", { cpu: 2, memory: "4Gi", ...vmClass }),
    provider: valid("Provider", { ...PROVIDER, ...provider }),
    image: undefined,
    attachments: attachments.map((network) => network && valid("VMNetworkAttachment", { network })),
    secrets: new Map(
      Object.entries(secrets).map(([name, stringData]) => [name, valid("Secret", {}, { stringData }, name)]),
    ),
  };
}

const ROOT = {
  name: "root",
  sizeBytes: undefined,
  provisioning: DiskProvisioning.UNSPECIFIED,
  storageClass: "",
  controller: DiskController.UNSPECIFIED,
  iopsLimit: undefined,
};

const PLAIN: VMSpec = {
  name: "web",
  cpus: 2,
  memoryBytes: 4 * GiB,
  firmware: Firmware.UNSPECIFIED,
  nestedVirtualization: undefined,
  virtualizationBasedSecurity: undefined,
  cpuHotAdd: undefined,
  memoryHotAdd: undefined,
  latencySensitivity: LatencySensitivity.UNSPECIFIED,
  hyperThreadingPolicy: HyperThreadingPolicy.UNSPECIFIED,
  secureBoot: undefined,
  tpm: undefined,
  iommu: undefined,
  cpuAllocation: undefined,
  memoryAllocation: undefined,
  disks: [ROOT],
  networkInterfaces: [],
  placement: undefined,
  image: undefined,
  cloudInit: undefined,
  tags: [],
  extraConfig: {},
};

const NETWORK_INTERFACE = {
  name: "lan",
  vsphere: undefined,
  libvirt: undefined,
  proxmox: undefined,
  macAddress: "",
  model: "",
  mtuBytes: undefined,
  vlanId: undefined,
  staticAddress: undefined,
  sriovDevice: "",
};

describe("translate", () => {
  test("the nested sample, whole", async () => {
    const { resources } = await loadManifests([nestedSample]);
    const of = <K extends Resource["kind"]>(kind: K, name: string) =>
      resources
        .map(({ resource }) => resource)
        .find(({ kind: found, metadata }) => found === kind && metadata.name === name) as Extract<
        Resource,
        { kind: K }
      >;
    const vm = of("VirtualMachine", "nested-hypervisor");
    const given: Inputs = {
      vm,
      vmClass: of("VMClass", "hypervisor-class"),
      provider: of("Provider", "my-provider"),
      image: of("VMImage", "ubuntu-server-22-04"),
      attachments: [],
      secrets: new Map(),
    };
    expect(translate(given)).toEqual({
      spec: {
        name: "nested-hypervisor",
        cpus: 8,
        memoryBytes: 16 * GiB,
        firmware: Firmware.UEFI,
        nestedVirtualization: { policy: NestedPolicy.REQUIRED },
        virtualizationBasedSecurity: false,
        cpuHotAdd: true,
        memoryHotAdd: true,
        latencySensitivity: LatencySensitivity.LOW,
        hyperThreadingPolicy: HyperThreadingPolicy.PREFER,
        secureBoot: false,
        tpm: undefined,
        iommu: true,
        cpuAllocation: { reservationMhz: 4000, limitMhz: undefined, shares: undefined },
        memoryAllocation: { reservationBytes: 8 * GiB, limitBytes: undefined },
        disks: [
          { ...ROOT, sizeBytes: 200 * GiB, provisioning: DiskProvisioning.THIN, storageClass: "fast-ssd" },
        ],
        networkInterfaces: [],
        placement: undefined,
        image: {
          name: "ubuntu-server-22-04",
          vsphere: { templateName: "ubuntu-22.04", contentLibraryItem: "", ova: undefined },
          libvirt: {
            path: "",
            storagePool: "",
            url: {
              url: "https://cloud-images.ubuntu.com/releases/22.04/release/ubuntu-22.04-server-cloudimg-amd64.img",
              checksum: "de5e632e17b8965f2baf4ea6d2b824788e154d9a65df4fd419ec4019898e15cd",
              checksumAlgorithm: ChecksumAlgorithm.SHA256,
              format: "",
            },
          },
          proxmox: {
            templateId: undefined,
            templateName: "ubuntu-22.04",
            storage: "",
            node: "",
            fullClone: undefined,
          },
          url: undefined,
        },
        cloudInit: { userData: vm.spec.userData?.cloudInit?.inline ?? "missing", metaData: {} },
        tags: [],
        extraConfig: {},
      },
      obstacles: [],
    });
  });

  test.each<[string, Given, Partial<VMSpec>]>([
    ["nothing but a size", {}, {}],
    [
      "nesting off",
      { vmClass: { performanceProfile: { nestedVirtualization: false } } },
      { nestedVirtualization: { policy: NestedPolicy.DISABLED } },
    ],
    ["the VM's own size", { vm: { resources: { cpu: 6, memoryMiB: 1024 } } }, { cpus: 6, memoryBytes: GiB }],
    ["a decimal quantity", { vmClass: { memory: "2G" } }, { memoryBytes: 2e9 }],
    ["EFI", { vmClass: { firmware: "EFI" } }, { firmware: Firmware.UEFI }],
    [
      "a TPM of any version",
      { vmClass: { firmware: "UEFI", securityProfile: { tpmEnabled: true } } },
      { firmware: Firmware.UEFI, tpm: { version: TpmVersion.TPM_VERSION_UNSPECIFIED } },
    ],
    ["a TPM version without a TPM", { vmClass: { securityProfile: { tpmVersion: "2.0" } } }, {}],
    [
      "a reservation of nothing is a reservation",
      { vmClass: { resourceLimits: { cpuReservation: 0, memoryLimit: "8Gi" } } },
      {
        cpuAllocation: { reservationMhz: 0, limitMhz: undefined, shares: undefined },
        memoryAllocation: { reservationBytes: undefined, limitBytes: 8 * GiB },
      },
    ],
    [
      "data disks",
      {
        vm: {
          disks: [
            {
              name: "data",
              sizeGiB: 10,
              type: "eagerzeroedthick",
              storageClass: "bulk",
              scsi: { controllerType: "lsilogic-sas" },
            },
          ],
        },
      },
      {
        disks: [
          ROOT,
          {
            ...ROOT,
            name: "data",
            sizeBytes: 10 * GiB,
            provisioning: DiskProvisioning.EAGER_ZEROED,
            storageClass: "bulk",
            controller: DiskController.LSI_LOGIC_SAS,
          },
        ],
      },
    ],
    [
      "placement completed by the Provider's defaults",
      { vm: { placement: { cluster: "b" } }, provider: { defaults: { cluster: "a", folder: "vms" } } },
      {
        placement: { cluster: "b", host: "", datastore: "", folder: "vms", resourcePool: "", datacenter: "" },
      },
    ],
    ["a naming template", { provider: { naming: "{namespace}-{name}-x" } }, { name: "default-web-x" }],
    [
      "a network of the VM's hypervisor, with the VM's own address",
      {
        vm: {
          networks: [
            {
              name: "lan",
              networkRef: { name: "n" },
              macAddress: "52-54-00-AA-BB-CC",
              ipAddress: "192.0.2.10",
              prefix: 24,
              gateway: "192.0.2.1",
              dns: "192.0.2.2, 192.0.2.3",
            },
          ],
        },
        attachments: [
          {
            mtu: 9000,
            vsphere: {
              portgroup: "PG",
              distributedSwitch: { name: "DVS" },
              vlan: { vlanID: 7 },
              adapterType: "e1000e",
            },
            libvirt: { networkName: "default", model: "virtio" },
          },
        ],
      },
      {
        networkInterfaces: [
          {
            ...NETWORK_INTERFACE,
            vsphere: { portgroup: "PG", distributedSwitch: "DVS" },
            libvirt: { network: "default", bridge: "" },
            macAddress: "52:54:00:aa:bb:cc",
            model: "e1000e",
            vlanId: 7,
            mtuBytes: 9000,
            staticAddress: {
              cidr: "192.0.2.10/24",
              gateway: "192.0.2.1",
              dnsServers: ["192.0.2.2", "192.0.2.3"],
            },
          },
        ],
      },
    ],
    [
      "a network that names none is on the Provider's default",
      {
        vm: { networks: [{ name: "lan" }] },
        provider: { defaults: { network: "VM Network" } },
        attachments: [undefined],
      },
      {
        networkInterfaces: [
          {
            ...NETWORK_INTERFACE,
            vsphere: { portgroup: "VM Network", distributedSwitch: "" },
            libvirt: { network: "VM Network", bridge: "" },
            proxmox: { bridge: "VM Network", firewall: undefined },
          },
        ],
      },
    ],
    [
      "user data and metadata from Secrets",
      {
        vm: {
          userData: { cloudInit: { secretRef: { name: "u" } } },
          metaData: { cloudInit: { secretRef: { name: "m" } } },
        },
        secrets: {
          u: { "cloud-config": "b", userdata: "#cloud-config" },
          m: { metadata: "local-hostname: web\ncount: 3\n" },
        },
      },
      { cloudInit: { userData: "#cloud-config", metaData: { "local-hostname": "web", count: "3" } } },
    ],
    [
      "native settings and tags",
      { vmClass: { extraConfig: { a: "b" } }, vm: { tags: ["prod"] } },
      { extraConfig: { a: "b" }, tags: ["prod"] },
    ],
  ])("%s", (_, given, expected) => {
    expect(translate(inputs(given))).toEqual({ spec: { ...PLAIN, ...expected }, obstacles: [] });
  });

  test("everything that cannot be said is told at once", () => {
    const { obstacles } = translate(
      inputs({
        vm: {
          disks: [{ name: "root", sizeGiB: 1 }],
          networks: [{ name: "lan", ipAddress: "192.0.2.10" }],
          userData: { cloudInit: { secretRef: { name: "u" } } },
          metaData: { cloudInit: { inline: "password: {nested: hunter2}" } },
        },
        provider: { naming: `${"x".repeat(78)}{name}` },
        attachments: [undefined],
        secrets: { u: { other: "" } },
      }),
    );
    expect(obstacles.map(({ reason, final }) => [reason, final])).toEqual([
      ["NameTooLong", true],
      ["DiskNameReserved", true],
      ["AddressIncomplete", true],
      ["SecretKeyMissing", true],
      ["MetaDataInvalid", true],
    ]);
    expect(JSON.stringify(obstacles)).not.toContain("hunter2");
  });
});
