import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { anyOn, either, on } from "../api/permission.ts";
import { byMajor } from "../schema/by-major.ts";
import { cpuFlags } from "../schema/cpu.ts";
import { abstractModels, cpuModels } from "../schema/cpu-models.ts";
import { node } from "../schema/parameters.ts";
import { choice } from "../schema/schema.ts";

function models(call: Call) {
  const { cluster } = call;
  const { major } = cluster.release;
  const builtIn = cpuModels(major).map(({ name, vendor }) => ({ name, vendor, custom: 0 }));
  const composed = { vendor: "default", custom: 0, ...(major >= 9 ? { abstract: 1 } : {}) };
  const abstract = major >= 8 ? abstractModels.map((name) => ({ name, ...composed })) : [];
  const custom = [...cluster.cpuModels]
    .filter(([name]) => call.may("/nodes", "Sys.Audit") || call.mayAny(`/mapping/cpu/${name}`, "Mapping.Use"))
    .map(([name, model]) => {
      const reported = cpuModels(major).find((each) => each.name === model["reported-model"]);
      return { name: `custom-${name}`, vendor: reported?.vendor ?? "default", custom: 1 };
    });
  return [...builtIn, ...abstract, ...custom];
}

/** Flags that every KVM host of these years has besides nesting. */
const USUAL = new Set(["aes", "pcid", "pdpe1gb", "hv-tlbflush"]);
/** Flags that QEMU emulates without KVM. */
const EMULATED = new Set(["aes", "pdpe1gb"]);

/** Flags with the nodes that support them; nested-virt first, then those that some node supports. */
function flags({ cluster, values }: Call) {
  const accel = values["accel"] ?? "kvm";
  const nodes = [...cluster.nodes.values()].filter((each) => each.online);
  const supports = (name: string, each: (typeof nodes)[number]) => {
    if (accel === "tcg") return name === "nested-virt" || EMULATED.has(name);
    return name === "nested-virt" ? each.nesting : each.kvm && USUAL.has(name);
  };
  const listed = cpuFlags(cluster.release.major).map(({ name, description }) => ({
    name,
    description,
    "supported-on": nodes
      .filter((each) => supports(name, each))
      .map((each) => each.name)
      .sort(),
  }));
  const rank = (entry: (typeof listed)[number]) =>
    entry.name === "nested-virt" ? 0 : entry["supported-on"].length > 0 ? 1 : 2;
  return listed.sort((a, b) => rank(a) - rank(b));
}

const VERSIONS: Readonly<Record<number, readonly string[]>> = {
  6: ["5.2", "5.1", "5.0", "4.2", "4.1", "4.0", "3.1"],
  7: ["7.2", "7.1", "7.0", "6.2", "6.1", "6.0", "5.2"],
  8: ["9.2+pve1", "9.2", "9.1", "9.0", "8.2", "8.1", "8.0"],
  9: ["10.0+pve1", "10.0", "9.2+pve1", "9.2", "9.1", "9.0", "8.2"],
};
/** What a revision of PVE's own changes. */
const CHANGES: Readonly<Record<string, string>> = {
  "10.0+pve1": "host_mtu is always set",
  "9.2+pve1": "no S3 and S4 unless asked for",
};

function machines({ cluster }: Call) {
  return (VERSIONS[cluster.release.major] ?? []).flatMap((version) =>
    ["i440fx", "q35"].map((type) => {
      const changes = CHANGES[version];
      return { id: `pc-${type}-${version}`, type, version, ...(changes === undefined ? {} : { changes }) };
    }),
  );
}

const arch = byMajor({ 9: choice("x86_64", "aarch64") });
const qemu = "/nodes/{node}/capabilities/qemu";

export const capabilityEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: `${qemu}/cpu`,
    since: 7,
    permission: "all",
    local: true,
    parameters: { ...node, arch },
    run: models,
  },
  {
    method: "GET",
    path: `${qemu}/cpu-flags`,
    since: 9,
    permission: "all",
    local: true,
    parameters: { ...node, arch, accel: choice("kvm", "tcg") },
    run: flags,
  },
  {
    method: "GET",
    path: `${qemu}/machines`,
    permission: "all",
    parameters: { ...node, arch },
    run: machines,
  },
  {
    method: "GET",
    path: `${qemu}/migration`,
    since: 9,
    permission: on("/nodes/{node}", "Sys.Audit"),
    parameters: node,
    run: () => ({ "has-dbus-vmstate": 1 }),
  },
  {
    method: "GET",
    path: "/cluster/qemu/cpu-flags",
    since: 9,
    permission: either(
      on("/nodes", "Sys.Audit"),
      anyOn("/mapping/cpu", "Mapping.Audit", "Mapping.Use", "Mapping.Modify"),
    ),
    parameters: { arch, accel: choice("kvm", "tcg") },
    run: flags,
  },
];
