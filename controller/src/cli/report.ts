import type { VirtualMachine } from "../api/virtual-machine.ts";
import { type ProviderState, hypervisorLabel } from "../providers/provider-state.ts";
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

/** The table of VMs and of providers without any, and below it what people should know about them. */
export function reportText({ vms, providers }: ReportInput): string {
  const rows = vms.map(({ vm, status }) => vmRow(vm, status, providers.get(refKey(providerRef(vm)))));
  // A VM's own row and note say it already.
  const used = new Set(vms.map(({ vm }) => refKey(providerRef(vm))));
  const idle = [...providers].filter(([key]) => !used.has(key));
  const idleRows = idle.map(([, state]) => ["-", providerCell(state), standingOf(state)]);
  const notes = [
    ...vms.flatMap(({ vm, status }) => notesOf(vm, status)),
    ...idle
      .filter(([, { availability }]) => availability.status === "False")
      .map(([key, { availability }]) => `Provider ${key}: ${availability.message}`),
  ];
  return [...tableLines(HEADER, [...rows, ...idleRows]), ...(notes.length === 0 ? [] : ["", ...notes])].join(
    "\n",
  );
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
    providers: [...providers].map(([name, { availability, simulated, standIn, effective }]) => ({
      name,
      type: effective.spec.type,
      simulated: simulated ?? null,
      standIn: standIn?.label ?? null,
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

/** What is known of nesting, without the evidence that a verdict comes with. */
export function nestedText(
  status: VirtualMachineStatus | undefined,
  { status: truth, message }: Condition,
): string {
  return truth === "True" ? `verified: ${status?.nestedVirtualization?.message ?? message}` : message;
}

function evidenceOf(status: VirtualMachineStatus | undefined): string[] {
  return (status?.nestedVirtualization?.evidence ?? []).map((line) => `  ${line}`);
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

function providerCell(state: ProviderState): string {
  const { metadata, spec } = state.effective;
  const kind = [spec.type, hypervisorLabel(state)].filter((word) => word !== undefined);
  return `${metadata.name} (${kind.join(", ")})`;
}

/** How a provider without VMs stands; one word for what this machine has no daemon or stand-in for, as opposed to one in trouble. */
function standingOf({ availability: { reason } }: ProviderState): string {
  return ["NotInstalled", "NoSimulator", "StandInMissing"].includes(reason) ? "NotAvailable" : reason;
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
  const restart = conditionOf(status, "RestartRequired");
  const asked = nested !== undefined && nested.reason !== "NotRequested";
  return [
    ...(provisioned === undefined || provisioned.message === "stored as asked"
      ? []
      : [`${name}: ${provisioned.message}`]),
    ...(restart?.status === "True" ? [`${name} waits for a restart: ${restart.message}`] : []),
    ...(asked ? [`${name}: nested virtualization ${nestedText(status, nested)}`] : []),
    ...(asked && nested.status === "True" ? evidenceOf(status) : []),
  ];
}
