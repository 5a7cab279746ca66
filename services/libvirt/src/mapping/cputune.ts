import { LatencySensitivity, type VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { pinning } from "./pinning.ts";
import type { Problems } from "./problems.ts";
import { el, type Element } from "./xml.ts";

/** Bounds of the kernel's CPU bandwidth control, in microseconds. */
const periodUs = 100_000;
const minQuotaUs = 1_000;

/** CPU weight, bound and pinning; nothing where the spec asks for none of it. Takes the effective spec. */
export function cputune(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  const tuned = [
    ...shares(spec, host, problems),
    ...quota(spec, host, problems),
    ...pinning(spec, host, problems),
  ];
  return tuned.length === 0 ? [] : [el("cputune", {}, tuned)];
}

/** The weight that a domain has without any, by version of the control groups; it decides what "half" is. */
const ordinaryShares = ({ readings }: HostFacts): number => (readings.cgroups === 2 ? 100 : 1024);

/** Weights that the kernel takes. */
const sharesRange = ({ readings }: HostFacts): [number, number] =>
  readings.cgroups === 2 ? [1, 10_000] : [2, 262_144];

function shares(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  const asked = spec.cpuAllocation?.shares;
  if (asked === undefined) return impliedShares(spec, host);
  const [least, most] = sharesRange(host);
  if (asked < least || asked > most) {
    const text = `host ${host.name} takes CPU weights from ${least} to ${most}, not ${asked}`;
    problems.add("spec.cpu_allocation.shares", "CPU_SHARES_RANGE", text);
  }
  return [el("shares", {}, asked)];
}

/**
 * latencySensitivity low halves the ordinary weight. A reservation raises it: 1,000 MHz for each CPU doubles it, counted without the host's
 * own speed, which varies from one look to the next. Pinned CPUs need no weight.
 */
function impliedShares(spec: VMSpec, host: HostFacts): Element[] {
  const { latencySensitivity: latency, cpus } = spec;
  const reservation = spec.cpuAllocation?.reservationMhz;
  if (latency === LatencySensitivity.HIGH) return [];
  if (latency !== LatencySensitivity.LOW && reservation === undefined) return [];
  const level = ordinaryShares(host) / (latency === LatencySensitivity.LOW ? 2 : 1);
  const raised = Math.round(level * (1 + (reservation ?? 0) / (1_000 * cpus)));
  return [el("shares", {}, Math.min(raised, sharesRange(host)[1]))];
}

/** A bound over all CPUs together. */
function quota(spec: VMSpec, { name, node }: HostFacts, problems: Problems): Element[] {
  const limit = spec.cpuAllocation?.limitMhz;
  if (limit === undefined) return [];
  const field = "spec.cpu_allocation.limit_mhz";
  if (node.coreMhz === 0) {
    problems.add(
      field,
      "CPU_SPEED_UNKNOWN",
      `host ${name} does not tell its CPUs' speed; leave cpuLimit out`,
    );
    return [];
  }
  const us = Math.round((periodUs * limit) / node.coreMhz);
  if (us < minQuotaUs) {
    const least = Math.ceil((minQuotaUs * node.coreMhz) / periodUs);
    problems.add(
      field,
      "CPU_LIMIT_TOO_LOW",
      `host ${name} can bound to ${least} MHz at the least, not ${limit}`,
    );
  }
  return [el("global_period", {}, periodUs), el("global_quota", {}, us)];
}
