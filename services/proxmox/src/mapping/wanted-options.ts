import { nestedPolicy } from "@virtrigaud/kit/outcomes";
import { NestedPolicy } from "@virtrigaud/proto";
import { compute } from "./compute.ts";
import { holdsPolicy } from "./configured.ts";
import { cpu } from "./cpu.ts";
import type { DeviceInput } from "./device-change.ts";
import { extraConfig } from "./extra-config.ts";
import { firmware } from "./firmware.ts";
import type { Node } from "./inventory.ts";
import { hasVbs, mostCpus } from "./knobs.ts";
import { decodeMachine, encodeMachine } from "./language/machine.ts";
import { machine } from "./machine.ts";
import { memory } from "./memory.ts";
import type { Problems } from "./problems.ts";
import { tpm } from "./tpm.ts";
import { optionOf, type Parameters } from "./vm-config.ts";
import { weights } from "./weights.ts";

/** What a VM's own options are worked out from. */
export interface WantedInput extends DeviceInput {
  nodes: readonly Node[];
  /** Storage for what is not a disk: UEFI's variables, the TPM's state. */
  home: string | undefined;
}

/** The options that a VM that exists shall have for the knobs of the VM as a whole; what serves the spec as it is stays as it is. */
export function wantedOptions(input: WantedInput, problems: Problems): Parameters {
  const { spec, node, home, found } = input;
  const existing = found.next;
  return {
    ...cores(input, problems),
    ...memory(spec, existing, problems),
    ...guestCpu(input, problems),
    ...firmware(spec, node, home, existing, problems),
    ...tpm(spec, node, home, existing, problems),
    ...guestMachine(input),
    ...weights(spec, node, problems),
    ...(spec.virtualizationBasedSecurity && !hasVbs(existing) ? { ostype: "win11" } : {}),
    ...extraConfig(spec, problems),
  };
}

/**
 * A layout of sockets and cores that has the CPUs, and with hot-add room for them, is kept. A VM that is not to grow keeps its `vcpus` too:
 * without it Proxmox VE would plug in all cores that it was started with.
 */
function cores({ spec, node, found }: WantedInput, problems: Problems): Parameters {
  const { sockets, cores: most, ...others } = compute(spec, node, found.next, problems);
  const held = mostCpus(found.next);
  const isEnough = spec.cpuHotAdd ? held >= spec.cpus : held === spec.cpus;
  const bound = Object.hasOwn(found.next, "vcpus") ? { vcpus: spec.cpus } : {};
  if (isEnough || sockets === undefined || most === undefined) return { ...bound, ...others };
  return { sockets, cores: most, ...bound, ...others };
}

/** A CPU that does what is asked is kept: another model would be another machine to the guest, and for nothing. */
function guestCpu(
  { spec, before, node, nodes, settings, found }: WantedInput,
  problems: Problems,
): Parameters {
  const policy = nestedPolicy(spec);
  const isUnasked =
    policy === NestedPolicy.UNSPECIFIED && (before === undefined || nestedPolicy(before) === policy);
  const hasFlags =
    spec.virtualizationBasedSecurity === true
      ? hasVbs(found.next)
      : before?.virtualizationBasedSecurity !== true;
  if ((isUnasked || (policy !== NestedPolicy.UNSPECIFIED && holdsPolicy(policy, found.next))) && hasFlags)
    return {};
  return cpu(spec, { node, nodes, settings, isClone: false }, problems);
}

/** An IOMMU that was asked for and is not any more goes. */
function guestMachine({ spec, before, node, found }: WantedInput): Parameters {
  const options = machine(spec, node.version, found.next);
  const written = optionOf({ ...found.next, ...options }, "machine");
  if (spec.iommu || !before?.iommu || written === undefined) return options;
  return { machine: encodeMachine({ ...decodeMachine(written), viommu: undefined }) };
}
