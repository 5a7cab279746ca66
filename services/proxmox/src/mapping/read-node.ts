import { CpuVendor } from "@virtrigaud/proto";
import type { Node, Storage } from "./inventory.ts";
import { flagOf, type Json, listOf, membersOf, numberOf, textOf, wordsOf } from "./json.ts";
import { atLeast } from "./versions.ts";

/** What one node answered about itself; undefined where the call was refused or the node is off. */
export interface NodeAnswers {
  /** GET /nodes/{node}/status; needs Sys.Audit. */
  status?: Json;
  /** GET /nodes/{node}/version */
  version?: Json;
  /** GET /nodes/{node}/network?type=any_bridge, on 9 with include_sdn. */
  networks?: Json;
  /** GET /nodes/{node}/storage */
  storages?: Json;
  /** GET /nodes/{node}/capabilities/qemu/machines */
  machines?: Json;
}

type Entry = Readonly<Record<string, Json>>;

/** Reads a node from its line in `GET /nodes`, its resource and its own answers. */
export function readNode(
  name: string,
  entry: Entry,
  resource: Entry,
  answers: NodeAnswers,
  clusterVersion: string,
): Omit<Node, "nestedVirt" | "reserved"> {
  const status = membersOf(answers.status);
  const cpu = membersOf(status.cpuinfo);
  const memory = membersOf(status.memory);
  const version = textOf(membersOf(answers.version).version) || clusterVersion;
  const flags = textOf(cpu.flags);
  return {
    name,
    online: entry.status === "online",
    version,
    cpuVendor: vendorOf(textOf(cpu.vendor), textOf(cpu.model)),
    cpuModel: textOf(cpu.model),
    cpuFlags: flags === "" ? undefined : new Set(flags.split(/\s+/)),
    threads: numberOf(cpu.cpus) ?? numberOf(entry.maxcpu),
    coreMhz: speedOf(textOf(cpu.model)) ?? numberOf(cpu.mhz),
    memoryBytes: numberOf(memory.total) ?? numberOf(entry.maxmem),
    memoryFreeBytes: freeMemory(memory, entry),
    cgroups: cgroupsOf(numberOf(resource["cgroup-mode"]), version),
    qemu: newestQemu(answers.machines),
    bridges: listOf(answers.networks)
      .map(({ iface }) => textOf(iface))
      .filter((iface) => iface !== ""),
    storages: readStorages(answers.storages),
  };
}

/** The storages of a `GET /nodes/{node}/storage`. */
export const readStorages = (answer: Json): Storage[] =>
  listOf(answer).flatMap((one) => {
    const name = textOf(one.storage);
    if (name === "") return [];
    const active = flagOf(one.active) && (one.enabled === undefined || flagOf(one.enabled));
    return [
      {
        name,
        type: textOf(one.type),
        content: new Set(wordsOf(one.content)),
        shared: flagOf(one.shared),
        active,
        availableBytes: numberOf(one.avail),
      },
    ];
  });

/** By the CPU's own identification (since 9), else by the model's name. */
function vendorOf(id: string, model: string): CpuVendor {
  const text = id === "" ? model : id;
  if (text === "") return CpuVendor.UNSPECIFIED;
  if (/intel/i.test(text)) return CpuVendor.INTEL;
  if (/hygon/i.test(text)) return CpuVendor.HYGON;
  if (/amd/i.test(text)) return CpuVendor.AMD;
  if (/zhaoxin|shanghai|centaur/i.test(text)) return CpuVendor.ZHAOXIN;
  return CpuVendor.OTHER;
}

/** "… @ 2.60GHz" is what the CPU is sold as; `mhz` is what one core runs at in this moment. */
function speedOf(model: string): number | undefined {
  const ghz = /@ (\d+(?:\.\d+)?)GHz/.exec(model)?.[1];
  return ghz === undefined ? undefined : Math.round(Number(ghz) * 1000);
}

function freeMemory(memory: Entry, { maxmem, mem }: Entry): number | undefined {
  const told = numberOf(memory.available) ?? numberOf(memory.free);
  const [total, used] = [numberOf(maxmem), numberOf(mem)];
  return told ?? (total === undefined || used === undefined ? undefined : Math.max(0, total - used));
}

/** 6 had version 1 and tells nothing; version 2 came with 7 as the default. */
const cgroupsOf = (mode: number | undefined, version: string): 1 | 2 =>
  mode === 1 || (mode === undefined && version !== "" && !atLeast(version, "7.0")) ? 1 : 2;

function newestQemu(machines: Json): string {
  const versions = listOf(machines).flatMap(({ version }) => /^\d+\.\d+/.exec(textOf(version)) ?? []);
  return versions.sort((a, b) => (atLeast(a, b) ? -1 : 1))[0] ?? "";
}
