import { Feature } from "@virtrigaud/proto";
import { el, type Element, first, numberOf, renderXml } from "./xml.ts";

/** A call that makes a change act at once. */
export type LiveAction =
  | { kind: "set-vcpus"; count: number }
  | { kind: "attach-device"; xml: string }
  | { kind: "detach-device"; xml: string }
  | { kind: "grow-disk"; target: string; path: string; capacityBytes: number };

/** The call for a knob of the VM as a whole; undefined where only a restart helps. */
export function liveAction(feature: Feature, wanted: Element, live: Element): LiveAction | undefined {
  switch (feature) {
    case Feature.CPU:
      return addCpus(wanted, live);
    case Feature.MEMORY:
      return addMemory(wanted, live);
    default:
      return undefined;
  }
}

const cpus = (vcpu: Element | undefined): number => Number(vcpu?.attributes.current ?? vcpu?.text);

/** CPUs can be added up to the number that the domain was started with room for, never taken away. */
function addCpus(wanted: Element, live: Element): LiveAction | undefined {
  const [want, have] = [first(wanted, "vcpu"), first(live, "vcpu")];
  const count = cpus(want);
  return count > cpus(have) && count <= Number(have?.text) ? { kind: "set-vcpus", count } : undefined;
}

/** Guests take memory in sections of this size. */
const sectionKib = 128 * 1024;

function addMemory(wanted: Element, live: Element): LiveAction | undefined {
  const total = numberOf(wanted, "memory") ?? 0;
  const added = total - (numberOf(live, "memory") ?? 0);
  if (added <= 0 || added % sectionKib !== 0 || total > (numberOf(live, "maxMemory") ?? 0)) return undefined;
  const target = el("target", {}, [el("size", { unit: "KiB" }, added), el("node", {}, 0)]);
  return { kind: "attach-device", xml: renderXml(el("memory", { model: "dimm" }, [target])) };
}
