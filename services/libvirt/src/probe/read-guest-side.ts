import type { Call } from "../call.ts";
import { flags, type Libvirt } from "../client/index.ts";
import {
  type DomainCapabilities,
  hostModelCpu,
  parseDomainCapabilities,
  parseExpandedCpu,
  untold,
} from "../mapping/domain-capabilities.ts";
import type { HostCapabilities } from "../mapping/host-capabilities.ts";
import { type Accel, domainType } from "../mapping/host-facts.ts";
import { renderXml } from "../mapping/xml.ts";
import { unlessRefused } from "./unless-refused.ts";

/** What x86_64 guests can have, and every feature of the CPU that host-model stands for. */
export interface GuestSide {
  readonly domain: DomainCapabilities;
  readonly cpuFeatures: ReadonlySet<string> | undefined;
}

/** Asks what guests can have; what this libvirt cannot tell is undefined, with a line in `notes`. */
export async function readGuestSide(
  libvirt: Libvirt,
  { host, accel }: { readonly host: HostCapabilities; readonly accel: Accel },
  call: Call,
  notes: string[],
): Promise<GuestSide> {
  if (host.domainTypes.size === 0) return { domain: untold(host.arch), cpuFeatures: undefined };
  const machine = { arch: "x86_64", machine: "q35", virtType: domainType({ accel }) };
  const told = await unlessRefused(libvirt.call("connectGetDomainCapabilities", machine, call), notes);
  if (told === undefined) return { domain: untold(machine.arch), cpuFeatures: undefined };
  const hostModel = hostModelCpu(told.capabilities);
  const expanded =
    hostModel &&
    (await unlessRefused(
      libvirt.call(
        "connectBaselineHypervisorCpu",
        { ...machine, xmlCpus: [renderXml(hostModel)], flags: flags.BaselineCpu.EXPAND_FEATURES },
        call,
      ),
      notes,
    ));
  return {
    domain: parseDomainCapabilities(told.capabilities),
    cpuFeatures: expanded && parseExpandedCpu(expanded.cpu),
  };
}
