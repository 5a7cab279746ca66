import {
  Feature,
  Firmware,
  LatencySensitivity,
  NestedPolicy,
  Support,
  Tristate,
  type Violation,
  type VMSpec,
} from "@virtrigaud/proto";
import { capability } from "../capabilities.ts";
import type { Context } from "../context.ts";
import type { Host } from "../hypervisor/hosts.ts";
import { imageSource } from "./image-source.ts";
import { policyOf, threadMhz } from "./implied.ts";
import { knobs } from "./knobs.ts";

/** A violation with the knob that it is about. */
export interface Refusal extends Violation {
  readonly feature: Feature;
  readonly subject: string;
}

/** Hosts where the spec may be placed, best first: those known to give nesting before those that do not tell. */
export function eligibleHosts({ hypervisor }: Context, spec: VMSpec): Host[] {
  const wanted = spec.placement?.host;
  const named = hypervisor.hosts.filter((host) => !wanted || host.name === wanted);
  if (policyOf(spec) !== NestedPolicy.REQUIRED) return named;
  const giving = (nested: Tristate) => named.filter((host) => host.nested === nested);
  return [...giving(Tristate.TRUE), ...giving(Tristate.UNKNOWN)];
}

/** Every reason why this hypervisor cannot make what the spec, with all that it implies, asks for. */
export function refusals(context: Context, asked: VMSpec, implied: VMSpec): Refusal[] {
  return [
    ...conflicts(asked),
    ...unsupported(context, asked),
    ...nesting(context, implied),
    ...placement(context, asked),
    ...storage(context, asked),
    ...networks(context, asked),
    ...image(context, asked),
  ];
}

function conflicts(spec: VMSpec): Refusal[] {
  const list: Refusal[] = [];
  const conflict = (feature: Feature, field: string, description: string) =>
    list.push(refusal(feature, field, "CONFLICTING_OPTIONS", description));
  const vbs = spec.virtualizationBasedSecurity;
  if (vbs && policyOf(spec) === NestedPolicy.DISABLED) {
    const field = "nested_virtualization.policy";
    conflict(Feature.NESTED_VIRTUALIZATION, field, "virtualization_based_security needs it; leave it unset");
  }
  if ((vbs || spec.secureBoot) && spec.firmware === Firmware.BIOS) {
    conflict(Feature.FIRMWARE_BIOS, "firmware", "secure boot needs UEFI; leave it unset or ask for UEFI");
  }
  if (spec.latencySensitivity === LatencySensitivity.HIGH) {
    if ((spec.cpuAllocation?.reservationMhz ?? Number.POSITIVE_INFINITY) < spec.cpus * threadMhz) {
      const field = "cpu_allocation.reservation_mhz";
      conflict(Feature.CPU_RESERVATION, field, "latency_sensitivity HIGH needs a full one; leave it unset");
    }
    if ((spec.memoryAllocation?.reservationBytes ?? spec.memoryBytes) < spec.memoryBytes) {
      const field = "memory_allocation.reservation_bytes";
      conflict(
        Feature.MEMORY_RESERVATION,
        field,
        "latency_sensitivity HIGH needs a full one; leave it unset",
      );
    }
  }
  return list;
}

function unsupported({ hypervisor, without }: Context, spec: VMSpec): Refusal[] {
  return knobs(spec).flatMap(({ feature, subject, field, value }) => {
    const { support, reason } = capability(hypervisor, without, feature);
    if (support !== Support.UNSUPPORTED || value === "false") return [];
    // Nesting is refused host by host, with the remedy; see below.
    if (feature === Feature.NESTED_VIRTUALIZATION && !without.has(feature)) return [];
    const nested =
      feature === Feature.NESTED_VIRTUALIZATION || feature === Feature.VIRTUALIZATION_BASED_SECURITY;
    const code = nested ? "NESTED_UNSUPPORTED" : "FEATURE_UNSUPPORTED";
    return [refusal(feature, field, code, `cannot be had: ${reason}`, subject)];
  });
}

function nesting(context: Context, spec: VMSpec): Refusal[] {
  if (policyOf(spec) !== NestedPolicy.REQUIRED || eligibleHosts(context, spec).length > 0) return [];
  const remedies = context.hypervisor.hosts.map((host) => host.remedy).filter(Boolean);
  const description = `no eligible host can give it; ${remedies.join("; ")}`;
  return [
    refusal(Feature.NESTED_VIRTUALIZATION, "nested_virtualization.policy", "NESTED_UNSUPPORTED", description),
  ];
}

function placement({ hypervisor }: Context, { placement }: VMSpec): Refusal[] {
  if (!placement) return [];
  const refuse = (name: string, description: string) =>
    refusal(Feature.PLACEMENT, `placement.${name}`, "PLACEMENT_UNKNOWN", description);
  const hosts = hypervisor.hosts.map((host) => host.name);
  const { host, datastore, cluster, folder, resourcePool, datacenter } = placement;
  const without = Object.entries({ cluster, folder, resource_pool: resourcePool, datacenter });
  return [
    ...without.filter(([, name]) => name).map(([field]) => refuse(field, "this hypervisor has none")),
    ...(host && !hosts.includes(host) ? [refuse("host", `there are: ${hosts.join(", ")}`)] : []),
    ...(datastore && !hypervisor.storageClasses.includes(datastore)
      ? [refuse("datastore", `there are: ${hypervisor.storageClasses.join(", ")}`)]
      : []),
  ];
}

function storage({ hypervisor }: Context, { disks }: VMSpec): Refusal[] {
  const description = `there are: ${hypervisor.storageClasses.join(", ")}`;
  return disks
    .filter(({ storageClass }) => storageClass && !hypervisor.storageClasses.includes(storageClass))
    .map(({ name, storageClass }) =>
      refusal(
        Feature.STORAGE_CLASS,
        `disks[${name}].storage_class`,
        "STORAGE_CLASS_UNKNOWN",
        `${storageClass} is not known; ${description}`,
        name,
      ),
    );
}

function networks({ hypervisor }: Context, { networkInterfaces }: VMSpec): Refusal[] {
  const description = `there are: ${hypervisor.networks.join(", ")}`;
  return networkInterfaces.flatMap((nic) => {
    const network =
      nic.vsphere?.portgroup || nic.libvirt?.network || nic.libvirt?.bridge || nic.proxmox?.bridge;
    if (!network || hypervisor.networks.includes(network)) return [];
    const text = `network ${network} is not known; ${description}`;
    const field = `network_interfaces[${nic.name}]`;
    return [refusal(Feature.NETWORK_INTERFACE, field, "NETWORK_UNKNOWN", text, nic.name)];
  });
}

function image({ hypervisor }: Context, { image }: VMSpec): Refusal[] {
  if (!image) return [];
  const source = imageSource(hypervisor, image);
  if (source.kind === "url" || (source.kind === "template" && source.template)) return [];
  const templates = [...hypervisor.templates.keys()].join(", ");
  const description =
    source.kind === "missing"
      ? "add url.url, or the template_name of vsphere or proxmox"
      : `template ${source.name} does not exist; there are: ${templates}`;
  return [refusal(Feature.IMAGE, "image", "IMAGE_SOURCE_MISSING", description)];
}

function refusal(
  feature: Feature,
  field: string,
  reason: string,
  description: string,
  subject = "",
): Refusal {
  return { feature, subject, field: `spec.${field}`, reason, description };
}
