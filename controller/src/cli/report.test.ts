import { expect, test } from "@jest/globals";
import { Provider } from "../api/provider.ts";
import { VirtualMachine } from "../api/virtual-machine.ts";
import type { ProviderState } from "../providers/provider-state.ts";
import { failedState } from "../providers/provider-state.ts";
import { UnavailableError } from "../providers/unavailable.ts";
import type { NestedReport, VirtualMachineStatus } from "../status-types.ts";
import { reportText } from "./report.ts";

const apiVersion = "infra.virtrigaud.io/v1beta1";
const provider = (name: string, type: string) =>
  Provider.parse({
    apiVersion,
    kind: "Provider",
    metadata: { name },
    spec: { type, endpoint: "https://x", credentialSecretRef: { name: "s" } },
  });
const vm = (name: string, on: string) =>
  VirtualMachine.parse({
    apiVersion,
    kind: "VirtualMachine",
    metadata: { name },
    spec: { providerRef: { name: on }, classRef: { name: "c" }, imageRef: { name: "i" } },
  });

const serving: ProviderState = {
  availability: { status: "True", reason: "Serving", message: "the provider serves" },
  final: false,
  connection: undefined,
  effective: provider("lab", "vsphere"),
  simulated: true,
  standIn: undefined,
  features: new Set(),
};
const emulated: ProviderState = {
  ...serving,
  effective: provider("kvm", "libvirt"),
  simulated: false,
  standIn: { simulated: false, label: "private libvirtd, emulated", images: undefined },
};
const absent = failedState(
  new UnavailableError("NotInstalled", "virtrigaud-provider-proxmox is not on PATH: install it", true),
  provider("pve", "proxmox"),
  undefined,
);
const at = { lastTransitionTime: "2026-01-01T00:00:00.000Z" };
const running: VirtualMachineStatus = {
  phase: "Running",
  powerState: "On",
  nestedVirtualization: {
    requested: "True",
    hostCapable: "True",
    configured: "True",
    verified: "Unknown",
    mechanism: "config.nestedHVEnabled",
    reason: "SIMULATED",
    message: "simulated",
  },
  conditions: [
    { type: "Ready", status: "True", reason: "Running", message: "the VM runs as declared", ...at },
    {
      type: "Provisioned",
      status: "True",
      reason: "Complete",
      message: "stored as asked; secure boot implied (x): VBS",
      ...at,
    },
    {
      type: "NestedVirtualization",
      status: "Unknown",
      reason: "Configured",
      message: "configured (x), not verified: simulated",
      ...at,
    },
  ],
};

test("the report tells of every VM, of what this machine cannot run, and of what people should know", () => {
  const input = {
    vms: [
      { vm: vm("a", "lab"), status: running },
      { vm: vm("b", "nowhere"), status: undefined },
    ],
    providers: new Map([
      ["default/lab", serving],
      ["default/pve", absent],
    ]),
  };
  expect(reportText(input).split("\n")).toEqual([
    "VM         PROVIDER                  PHASE         POWER  NESTED REQUESTED  HOST  CONFIGURED  VERIFIED  MECHANISM",
    "default/a  lab (vsphere, simulated)  Running       On     true              true  true        unknown   config.nestedHVEnabled",
    "default/b  nowhere                   Pending",
    "-          pve (proxmox)             NotAvailable",
    "",
    "default/a: stored as asked; secure boot implied (x): VBS",
    "default/a: nested virtualization configured (x), not verified: simulated",
    "default/b is not ready: Pending: it was not looked at yet",
    "Provider default/pve: virtrigaud-provider-proxmox is not on PATH: install it",
  ]);
});

test("a proof comes with its evidence, a change that waits with what it is, an idle provider with how it stands", () => {
  const proven: VirtualMachineStatus = {
    ...running,
    nestedVirtualization: {
      ...running.nestedVirtualization,
      verified: "True",
      message: "proven",
      evidence: ["/dev/kvm: opens"],
    } as NestedReport,
    conditions: [
      { type: "Ready", status: "True", reason: "Running", message: "the VM runs as declared", ...at },
      {
        type: "NestedVirtualization",
        status: "True",
        reason: "Verified",
        message: "proven; /dev/kvm: opens",
        ...at,
      },
      { type: "RestartRequired", status: "True", reason: "ChangesWait", message: "cpus 4 → 8", ...at },
    ],
  };
  const input = {
    vms: [{ vm: vm("a", "kvm"), status: proven }],
    providers: new Map([
      ["default/kvm", emulated],
      ["default/lab", serving],
    ]),
  };
  expect(reportText(input).split("\n")).toEqual([
    "VM         PROVIDER                                   PHASE    POWER  NESTED REQUESTED  HOST  CONFIGURED  VERIFIED  MECHANISM",
    "default/a  kvm (libvirt, private libvirtd, emulated)  Running  On     true              true  true        true      config.nestedHVEnabled",
    "-          lab (vsphere, simulated)                   Serving",
    "",
    "default/a waits for a restart: cpus 4 → 8",
    "default/a: nested virtualization verified: proven",
    "  /dev/kvm: opens",
  ]);
});
