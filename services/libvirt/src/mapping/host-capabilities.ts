import { all, type Element, first, numberOf, parseXml, textOf } from "./xml.ts";

/** What libvirt says of the machine that it runs on. */
export interface HostCapabilities {
  arch: string;
  cpuModel: string;
  cpuVendor: string;
  /** Listed features of the host's CPU; what the model's name holds is not listed. */
  cpuFeatures: ReadonlySet<string>;
  cells: readonly Cell[];
  /** How libvirt keeps guests apart: "apparmor", "selinux", "dac". */
  securityModels: ReadonlySet<string>;
  /** Domain types for x86_64 guests: "qemu", "kvm". */
  domainTypes: ReadonlySet<string>;
}

/** A NUMA node. */
export interface Cell {
  id: number;
  /** Physical cores, each the list of its hardware threads. */
  cores: readonly (readonly number[])[];
  /** Pages set aside, by size in KiB. */
  pages: ReadonlyMap<number, number>;
}

/** Reads the answer of GetCapabilities. */
export function parseHostCapabilities(xml: string): HostCapabilities {
  const root = parseXml(xml);
  const host = first(root, "host");
  const cpu = first(host, "cpu");
  const guest = all(root, "guest").find((one) => first(one, "arch")?.attributes.name === "x86_64");
  return {
    arch: textOf(cpu, "arch") ?? "",
    cpuModel: textOf(cpu, "model") ?? "",
    cpuVendor: textOf(cpu, "vendor") ?? "",
    cpuFeatures: new Set(all(cpu, "feature").map(({ attributes }) => attributes.name ?? "")),
    securityModels: new Set(all(host, "secmodel", "model").map(({ text }) => text)),
    cells: all(host, "topology", "cells", "cell").map(readCell),
    domainTypes: new Set(all(guest, "arch", "domain").map(({ attributes }) => attributes.type ?? "")),
  };
}

function readCell(cell: Element): Cell {
  const cores = new Map<string, number[]>();
  for (const { attributes } of all(cell, "cpus", "cpu")) {
    const { id = "", siblings = id } = attributes;
    cores.set(siblings, [...(cores.get(siblings) ?? []), Number(id)]);
  }
  const pages = all(cell, "pages").map(
    (one) => [Number(one.attributes.size ?? 0), numberOf(one) ?? 0] as const,
  );
  return { id: Number(cell.attributes.id ?? 0), cores: [...cores.values()], pages: new Map(pages) };
}
