import { LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { SpecSight } from "./found-spec.ts";
import type { Node } from "./inventory.ts";
import { decodeMemory } from "./language/memory.ts";
import { Problems } from "./problems.ts";
import { optionOf, type VmConfig } from "./vm-config.ts";
import { weights } from "./weights.ts";

const mib = 2 ** 20;

/**
 * Latency, shares and reservation share one weight: they are what was asked where the weight is the one that they lead to. A weight that nobody
 * asked for is shares. A bound in MHz is counted back by the node's speed, which may differ by rounding.
 */
export function foundWeights(
  config: VmConfig,
  { asked, node }: Pick<SpecSight, "asked" | "node">,
): Pick<VMSpec, "latencySensitivity" | "cpuAllocation"> {
  const wanted = asked && node && weights(asked, node, new Problems());
  const held = numberOption(config, "cpuunits");
  const isAsked = held === wanted?.cpuunits;
  const { reservationMhz, shares } = (isAsked ? asked?.cpuAllocation : undefined) ?? { shares: held };
  const cpuAllocation = { reservationMhz, shares, limitMhz: limitMhz(config, wanted?.cpulimit, asked, node) };
  const latency = isAsked ? asked?.latencySensitivity : undefined;
  return {
    latencySensitivity:
      latency === LatencySensitivity.HIGH
        ? LatencySensitivity.UNSPECIFIED
        : (latency ?? LatencySensitivity.UNSPECIFIED),
    cpuAllocation: Object.values(cpuAllocation).some(isSet) ? cpuAllocation : undefined,
  };
}

function limitMhz(
  config: VmConfig,
  wanted: string | number | undefined,
  asked: VMSpec | undefined,
  node: Node | undefined,
): number | undefined {
  const limit = numberOption(config, "cpulimit");
  if (limit === undefined || limit === 0) return undefined;
  if (limit === Number(wanted)) return asked?.cpuAllocation?.limitMhz;
  return node?.coreMhz === undefined ? undefined : Math.round(limit * node.coreMhz);
}

/** A balloon of 0 is none at all, so that all memory stays the VM's. */
export function memoryAllocation(config: VmConfig, asked: VMSpec | undefined): VMSpec["memoryAllocation"] {
  const memoryBytes = decodeMemory(optionOf(config, "memory"));
  const balloon = numberOption(config, "balloon");
  const limit = asked?.memoryAllocation?.limitBytes;
  const allocation = {
    reservationBytes: balloon === undefined ? undefined : reservation(balloon, memoryBytes, asked),
    limitBytes: limit !== undefined && memoryBytes <= limit ? limit : undefined,
  };
  return Object.values(allocation).some(isSet) ? allocation : undefined;
}

function reservation(balloonMib: number, memoryBytes: number, asked: VMSpec | undefined): number {
  const held = balloonMib === 0 ? memoryBytes : balloonMib * mib;
  const wish = asked?.memoryAllocation?.reservationBytes;
  // The balloon counts in MiB.
  return wish !== undefined && Math.ceil(wish / mib) * mib === held ? wish : held;
}

const numberOption = (config: VmConfig, name: string): number | undefined => {
  const value = optionOf(config, name);
  return value === undefined ? undefined : Number(value);
};

const isSet = (value: unknown): boolean => value !== undefined;
