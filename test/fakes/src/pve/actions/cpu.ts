import { fail } from "../api/error.ts";
import type { Cluster } from "../model/cluster.ts";
import type { VmConfig } from "../model/config.ts";
import type { Node } from "../model/node.ts";
import type { Worker } from "../model/tasks.ts";
import { abstractModels, cpuModels } from "../schema/cpu-models.ts";
import { cpuModelOf } from "./config-permission.ts";

type Virtualization = "vmx" | "svm" | undefined;

/** The CPU that QEMU is started with. */
export interface StartedCpu {
  /** The value of `-cpu`, shortened to what matters. */
  readonly argument: string;
  /** What it shows to the guest. */
  readonly virtualization: Virtualization;
}

/**
 * Resolves the `cpu` option as a start does: prints and warns about nested-virt, and fails where QEMU would
 * because the host cannot give what a model with `enforce` asks for.
 */
export function startCpu(
  cluster: Cluster,
  node: Node,
  config: Readonly<VmConfig>,
  worker: Worker,
): StartedCpu {
  const kvm = config["kvm"] !== "0";
  const wanted = wantedCpu(cluster, config, kvm);
  const asked = nestedFlag(wanted.flags, node, worker);
  const shown = asked ?? wanted.shown;
  const argument = [wanted.model, ...(asked === undefined ? [] : [`+${asked}`])].join(",");
  if (!kvm) return { argument, virtualization: emulated(wanted.model, shown) };
  if (wanted.model === "host" || wanted.model === "max")
    return {
      argument,
      virtualization: node.nesting && !hides(wanted.flags, node) ? node.virtualization : undefined,
    };
  mustRunOn(cluster, node, wanted.model, shown, worker);
  return { argument: `${argument},enforce`, virtualization: shown };
}

interface Wanted {
  readonly model: string;
  readonly flags: string;
  /** A raw flag of a custom model. */
  readonly shown: Virtualization;
}

function wantedCpu(cluster: Cluster, config: Readonly<VmConfig>, kvm: boolean): Wanted {
  const named = cpuModelOf(config["cpu"]) ?? (kvm ? "kvm64" : "qemu64");
  const flags = /flags=([^,]+)/.exec(config["cpu"] ?? "")?.[1] ?? "";
  if (!named.startsWith("custom-"))
    return { model: abstractModels.includes(named) ? "qemu64" : named, flags, shown: undefined };
  const custom =
    cluster.cpuModels.get(named.slice("custom-".length)) ?? fail(`Custom cputype '${named}' not found`);
  const customFlags = custom["flags"] ?? "";
  const raw = /\+(vmx|svm)\b/.exec(customFlags)?.[1] as Virtualization;
  return { model: custom["reported-model"] ?? "kvm64", flags: `${customFlags};${flags}`, shown: raw };
}

/** What the nested-virt shorthand becomes on a node. */
function nestedFlag(flags: string, node: Node, worker: Worker): Virtualization {
  if (!/[+-]nested-virt\b/.test(flags)) return undefined;
  const flag = node.shownVirtualization;
  if (flag === undefined) {
    worker.warn("ignoring 'nested-virt' CPU flag - unable to resolve from host CPU flags");
    return undefined;
  }
  worker.print(`CPU flag 'nested-virt' resolved to '${flag}'`);
  return flags.includes("+nested-virt") ? flag : undefined;
}

const hides = (flags: string, node: Node) =>
  new RegExp(`-(nested-virt|${node.virtualization})\\b`).test(flags);

/** QEMU without KVM emulates AMD's virtualization, never Intel's. */
function emulated(model: string, shown: Virtualization): Virtualization {
  if (model === "host") fail("start failed: QEMU exited with code 1");
  return shown === "svm" || /^(max|qemu64|EPYC|Opteron|phenom)/.test(model) ? "svm" : undefined;
}

function mustRunOn(cluster: Cluster, node: Node, model: string, shown: Virtualization, worker: Worker): void {
  const vendor = cpuModels(cluster.release.major).find(({ name }) => name === model)?.vendor ?? "default";
  const foreign = vendor !== "default" && vendor !== node.cpuVendor;
  const lacks = shown !== undefined && !(node.nesting && shown === node.virtualization);
  if (!foreign && !lacks) return;
  const feature = lacks
    ? `${shown === "vmx" ? "CPUID.01H:ECX.vmx [bit 5]" : "CPUID.80000001H:ECX.svm [bit 2]"}`
    : "CPUID.80000001H:ECX.fma4 [bit 16]";
  worker.print(`kvm: warning: host doesn't support requested feature: ${feature}`);
  worker.print("kvm: Host doesn't support requested features");
  fail("start failed: QEMU exited with code 1");
}
