import type { VMSpec } from "@virtrigaud/proto";
import { clock } from "./clock.ts";
import { consoles } from "./consoles.ts";
import { cpu } from "./cpu.ts";
import { cputune } from "./cputune.ts";
import { disks, seedDisk } from "./disks.ts";
import { features } from "./features.ts";
import { domainType, type HostFacts } from "./host-facts.ts";
import { interfaces } from "./interfaces.ts";
import { iommu } from "./iommu.ts";
import { memory } from "./memory.ts";
import { type Marker, metadata } from "./metadata.ts";
import type { Network } from "./networks.ts";
import { os } from "./os.ts";
import type { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { tpm } from "./tpm.ts";
import { vcpu } from "./vcpu.ts";
import type { Volume } from "./volumes.ts";
import { el, type Element } from "./xml.ts";

/** Everything that decides a domain's XML. */
export interface DomainInput {
  marker: Marker;
  /** The effective spec. */
  spec: VMSpec;
  host: HostFacts;
  networks: readonly Network[];
  settings: Settings;
  volumes: readonly Volume[];
  /** Path of the cloud-init seed. */
  seed: string | undefined;
}

/** The whole domain. PCI addresses and the emulator are left to libvirt, which knows both better. */
export function domain(input: DomainInput, problems: Problems): Element {
  const { marker, spec, host, settings } = input;
  return el("domain", { type: domainType(host) }, [
    el("name", {}, spec.name),
    el("uuid", {}, marker.uid),
    metadata(marker, spec.tags),
    ...memory(spec, host, problems),
    vcpu(spec, host.domain, problems),
    ...cputune(spec, host, problems),
    os(spec, host, problems),
    features(spec, host, settings, problems),
    cpu(spec, host, settings, problems),
    clock(spec, host),
    el("devices", {}, devices(input, problems)),
  ]);
}

function devices({ marker, spec, host, networks, settings, volumes, seed }: DomainInput, problems: Problems) {
  return [
    ...disks(spec.disks, volumes, host, problems),
    ...(seed === undefined ? [] : [seedDisk(seed)]),
    ...interfaces(spec.networkInterfaces, { uid: marker.uid, host, networks, settings }, problems),
    ...consoles(host),
    ...tpm(spec, host, problems),
    ...iommu(spec),
  ];
}
