import { CpuVendor, VMSpec } from "@virtrigaud/proto";
import { type FoundVm, readVm, type VmAnswers } from "../found-vm.ts";
import type { Inventory, Node, Storage } from "../inventory.ts";
import type { Sight } from "../observation.ts";
import { type Marker, stampMarker } from "../ownership.ts";
import type { Settings } from "../settings.ts";
import type { VmConfig } from "../vm-config.ts";

const gib = 2 ** 30;

export const foundUid = "11111111-2222-4333-8444-555555555555";

const storage = (init: Partial<Storage> & Pick<Storage, "name" | "type">): Storage => ({
  content: new Set(["images", "iso", "import"]),
  shared: false,
  active: true,
  availableBytes: 500 * gib,
  ...init,
});

/** An Intel node of 9.2 that can nest, with storages "local", "local-lvm" and "thick", and bridges "vmbr0" and "vmbr1". */
export const foundNode = (init: Partial<Node> = {}): Node => ({
  name: "pve1",
  online: true,
  version: "9.2.11",
  cpuVendor: CpuVendor.INTEL,
  cpuModel: "Intel(R) Xeon(R) Gold 6142 CPU @ 2.60GHz",
  cpuFlags: new Set("vmx aes sse4_1 sse4_2 ssse3 cx16 popcnt nx lahf_lm pclmulqdq arat".split(" ")),
  threads: 32,
  coreMhz: 2600,
  memoryBytes: 256 * gib,
  memoryFreeBytes: 200 * gib,
  cgroups: 2,
  nestedVirt: true,
  qemu: "10.0",
  bridges: ["vmbr0", "vmbr1"],
  storages: [
    storage({ name: "local", type: "dir" }),
    storage({ name: "local-lvm", type: "lvmthin" }),
    storage({ name: "thick", type: "lvm" }),
  ],
  reserved: { cpuMhz: 0, memoryBytes: 0 },
  ...init,
});

export const foundSettings = (init: Partial<Settings> = {}): Settings => ({
  storageClasses: { fast: { storage: "local-lvm" } },
  accel: "kvm",
  vmids: { first: 100, last: 999 },
  ...init,
});

/** What VMs on that node are looked at with. */
export function foundSight(
  init: { node?: Partial<Node>; settings?: Partial<Settings>; simulated?: boolean } = {},
): Sight {
  const inventory: Inventory = { nodes: [foundNode(init.node)], templates: [], permissions: undefined };
  return { inventory, settings: foundSettings(init.settings), simulated: init.simulated ?? false };
}

/** The marker of VM 910 for a spec. */
export function foundMarker(asked: VMSpec, init: Partial<Marker> = {}): Marker {
  const { cloudInit: _, ...kept } = asked;
  const canonicalSpec = JSON.stringify(VMSpec.toJSON(VMSpec.fromPartial(kept)));
  return {
    uid: foundUid,
    specFingerprint: "f".repeat(64),
    controllerId: "lab",
    canonicalSpec,
    vmid: 910,
    ...init,
  };
}

/** The options of a VM that this spec was asked of. */
export const owned = (asked: VMSpec, config: VmConfig, init: Partial<Marker> = {}): VmConfig => ({
  ...config,
  ...stampMarker(foundMarker(asked, init), asked.tags, config),
});

/** A `GET pending` of a VM that has these options, and these changes waiting. */
export const pendingOf = (
  config: VmConfig,
  pending: VmConfig = {},
  removed: readonly string[] = [],
): object[] => [
  ...Object.entries(config).map(([key, value]) => ({
    key,
    value,
    ...(Object.hasOwn(pending, key) ? { pending: pending[key] } : {}),
    ...(removed.includes(key) ? { delete: 1 } : {}),
  })),
  { key: "digest", value: "9db7d9f0ac3a2f126096f2e1587989e5a397951e" },
  ...Object.entries(pending)
    .filter(([key]) => !Object.hasOwn(config, key))
    .map(([key, value]) => ({ key, pending: value })),
];

/** VM 910 as a listing shows it. */
export const row = (init: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id: "qemu/910",
  vmid: 910,
  type: "qemu",
  node: "pve1",
  name: "nested-hypervisor",
  status: "stopped",
  template: 0,
  ...init,
});

/** VM 910 as it was read. */
export function foundVm(answers: Partial<VmAnswers> = {}): FoundVm {
  const found = readVm({ row: row(), ...answers });
  if (found === undefined) throw new Error("the row is no VM's");
  return found;
}
