import type { VirtualMachine } from "../api/virtual-machine.ts";
import type { ProviderState } from "../providers/provider-state.ts";
import type { Condition, ConditionType, NestedReport, VirtualMachineStatus } from "../status-types.ts";
import { refKey, refOf } from "../store/store.ts";
import { providerRef } from "../runtime/reconcile/gather.ts";
import { tableLines } from "./table.ts";

/** What a report is made from. */
export interface ReportInput {
  readonly vms: readonly { readonly vm: VirtualMachine; readonly status: VirtualMachineStatus | undefined }[];
  /** By "namespace/name". */
  readonly providers: ReadonlyMap<string, ProviderState>;
}

const HEADER = [
  "VM",
  "PROVIDER",
  "PHASE",
  "POWER",
  "NESTED REQUESTED",
  "HOST",
  "CONFIGURED",
  "VERIFIED",
  "MECHANISM",
];

/** The table of VMs and of providers that cannot be had here, and below it what people should know about them. */
export function reportText({ vms, providers }: ReportInput): string {
  const rows = vms.map(({ vm, status }) => vmRow(vm, status, providers.get(refKey(providerRef(vm)))));
  // A VM's own row and note say it already.
  const used = new Set(vms.map(({ vm }) => refKey(providerRef(vm))));
  const absent = [...providers].filter(([key, state]) => isAbsent(state) && !used.has(key));
  const absentRows = absent.map(([, state]) => ["-", providerCell(state), "NotAvailable"]);
  const notes = [
    ...vms.flatMap(({ vm, status }) => notesOf(vm, status)),
    ...absent.map(([key, { availability }]) => `Provider ${key}: ${availability.message}`),
  ];
  return [
    ...tableLines(HEADER, [...rows, ...absentRows]),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ].join("\n");
}

/** The same for programs. */
export function reportJson({ vms, providers }: ReportInput): string {
  const report = {
    virtualMachines: vms.map(({ vm, status }) => ({
      ...refOf(vm),
      provider: refKey(providerRef(vm)),
      simulated: providers.get(refKey(providerRef(vm)))?.simulated ?? null,
      status: status ?? null,
    })),
    providers: [...providers].map(([name, { availability, simulated, effective }]) => ({
      name,
      type: effective.spec.type,
      simulated: simulated ?? null,
      available: availability,
    })),
  };
  return JSON.stringify(report, null, 2);
}

/** A condition of a status. */
export function conditionOf(
  status: VirtualMachineStatus | undefined,
  type: ConditionType,
): Condition | undefined {
  return status?.conditions.find((condition) => condition.type === type);
}

function vmRow(
  vm: VirtualMachine,
  status: VirtualMachineStatus | undefined,
  state: ProviderState | undefined,
): string[] {
  const provider = state === undefined ? vm.spec.providerRef.name : providerCell(state);
  const nested = nestedCells(status?.nestedVirtualization);
  return [refKey(refOf(vm)), provider, status?.phase ?? "Pending", status?.powerState ?? "", ...nested];
}

function nestedCells(nested: NestedReport | undefined): string[] {
  if (nested === undefined) return ["", "", "", "", ""];
  const { requested, hostCapable, configured, verified, mechanism = "" } = nested;
  return [...[requested, hostCapable, configured, verified].map((truth) => truth.toLowerCase()), mechanism];
}

function providerCell({ effective: { metadata, spec }, simulated }: ProviderState): string {
  const kind = simulated === undefined ? "" : simulated ? ", simulated" : ", real";
  return `${metadata.name} (${spec.type}${kind})`;
}

/** A provider that this machine has no daemon or simulator for, as opposed to one that is having trouble. */
function isAbsent({ availability }: ProviderState): boolean {
  return ["NotInstalled", "NotAvailable", "NoSimulator"].includes(availability.reason);
}

function notesOf(vm: VirtualMachine, status: VirtualMachineStatus | undefined): string[] {
  const name = refKey(refOf(vm));
  const ready = conditionOf(status, "Ready");
  if (ready?.status !== "True")
    return [
      `${name} is not ready: ${ready?.reason ?? "Pending"}: ${ready?.message ?? "it was not looked at yet"}`,
    ];
  const provisioned = conditionOf(status, "Provisioned");
  const nested = conditionOf(status, "NestedVirtualization");
  const unproven = nested !== undefined && nested.status !== "True" && nested.reason !== "NotRequested";
  return [
    ...(provisioned === undefined || provisioned.message === "stored as asked"
      ? []
      : [`${name}: ${provisioned.message}`]),
    ...(unproven ? [`${name}: nested virtualization ${nested.message}`] : []),
  ];
}
