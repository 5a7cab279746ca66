import type { VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { nestedFeature } from "./nesting.ts";
import type { Problems } from "./problems.ts";
import { el, type Element } from "./xml.ts";

/**
 * The Hyper-V enlightenments that Windows wants for VBS, in an order in which each one's needs come before it.
 * Source: QEMU's "Hyper-V Enlightenments" and libvirt's "Domain XML format", features/hyperv.
 */
const wanted: readonly { name: string; needs?: readonly string[]; only?: "vmx" }[] = [
  { name: "relaxed" },
  { name: "vapic" },
  { name: "spinlocks" },
  { name: "vpindex" },
  { name: "runtime" },
  { name: "synic", needs: ["vpindex"] },
  { name: "stimer", needs: ["synic"] },
  { name: "frequencies" },
  { name: "tlbflush", needs: ["vpindex"] },
  { name: "ipi", needs: ["vpindex"] },
  { name: "evmcs", needs: ["vapic"], only: "vmx" },
];

/** What every libvirt of interest has, for those that do not list theirs (before 9.0). */
const always: readonly string[] = ["relaxed", "vapic", "spinlocks"];

/** How often a guest spins before it tells the hypervisor; Microsoft's own value. */
const spinRetries = 8191;

/** The enlightenments that this host offers of those that VBS wants; none without VBS. */
export function hyperv(spec: VMSpec, host: HostFacts, problems: Problems): Element[] {
  if (!spec.virtualizationBasedSecurity) return [];
  const names = enlightenments(host);
  if (names.length === 0) {
    problems.add(
      "spec.virtualization_based_security",
      "VBS_UNSUPPORTED",
      `host ${host.name} offers no Hyper-V enlightenments to guests; use a host with KVM or leave virtualizationBasedSecurity out`,
    );
    return [];
  }
  const children = names.map((name) =>
    el(name, { state: "on", retries: name === "spinlocks" ? spinRetries : undefined }),
  );
  return [el("hyperv", { mode: "custom" }, children)];
}

/** Names of the enlightenments that VBS gets on this host. */
export function enlightenments(host: HostFacts): string[] {
  const { hyperv: listed, hypervSupported } = host.domain;
  if (hypervSupported === false) return [];
  const offered = listed ?? always;
  const chosen: string[] = [];
  for (const { name, needs = [], only } of wanted) {
    if (!offered.includes(name) || (only !== undefined && nestedFeature(host) !== only)) continue;
    if (needs.every((need) => chosen.includes(need))) chosen.push(name);
  }
  return chosen;
}
