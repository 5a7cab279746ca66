import type { Call } from "../call.ts";
import { type Libvirt, parseLibvirtUri, type SshFiles } from "../client/index.ts";
import { parseHostCapabilities } from "../mapping/host-capabilities.ts";
import type { NodeFacts, ProbedFacts, Readings } from "../mapping/host-facts.ts";
import { type Accel, chooseAccel } from "./choose-accel.ts";
import { removeLeftovers } from "./leftovers.ts";
import { readGuestSide } from "./read-guest-side.ts";
import { readMemory } from "./read-memory.ts";
import { readReadings } from "./read-readings.ts";
import { unlessRefused } from "./unless-refused.ts";

export type { Accel } from "./choose-accel.ts";
export type { ProbedFacts } from "../mapping/host-facts.ts";

export interface ProbeOptions {
  readonly accel: Accel;
  /** Where `libvirt` is connected to: the way to the host's own files. */
  readonly uri: string;
  /** The same as the client's. */
  readonly ssh?: SshFiles | undefined;
}

/**
 * Asks a host for everything that plans and reports rest on: about ten calls, the files of the host, and with accel "auto" a guest that is
 * started. What an older libvirt cannot tell is undefined and named in `notes`. Rejects when libvirtd does not answer.
 */
export async function probeHost(
  libvirt: Libvirt,
  { accel: wanted, uri, ssh = {} }: ProbeOptions,
  call: Call,
): Promise<ProbedFacts> {
  const notes: string[] = [];
  const [about, host, node, files] = await Promise.all([
    readAbout(libvirt, call, notes),
    readHost(libvirt, call),
    readNode(libvirt, call),
    readReadings(parseLibvirtUri(uri), ssh, call, notes),
    removeLeftovers(libvirt, call),
  ]);
  const { accel, why, kvmBoots } = await chooseAccel(libvirt, wanted, { host, readings: files }, call);
  const guest = await readGuestSide(libvirt, { host, accel }, call, notes);
  const readings: Readings = { ...files, ...(kvmBoots === undefined ? {} : { kvmBoots }) };
  // Root's libvirtd alone has the security model that gives files to accounts, whatever the URI calls it (qemuSecurityInit, 1.2 to 11).
  const privileged = host.securityModels.has("dac");
  return {
    ...about,
    ...guest,
    accel,
    privileged,
    host,
    node,
    readings,
    notes: [`accel ${accel}: ${why}`, ...notes],
  };
}

async function readHost(libvirt: Libvirt, call: Call) {
  const { capabilities } = await libvirt.call("connectGetCapabilities", {}, call);
  return parseHostCapabilities(capabilities);
}

async function readAbout(libvirt: Libvirt, call: Call, notes: string[]) {
  const [{ hostname }, libvirtd, qemu] = await Promise.all([
    libvirt.call("connectGetHostname", {}, call),
    libvirt.call("connectGetLibVersion", {}, call),
    unlessRefused(libvirt.call("connectGetVersion", {}, call), notes),
  ]);
  return {
    name: hostname,
    libvirtVersion: Number(libvirtd.version),
    hypervisorVersion: qemu && Number(qemu.version),
  };
}

async function readNode(libvirt: Libvirt, call: Call): Promise<NodeFacts> {
  const [{ cpus, mhz, threads, memory }, counted] = await Promise.all([
    libvirt.call("nodeGetInfo", {}, call),
    readMemory(libvirt, call),
  ]);
  // The first is a sum over NUMA nodes, which some virtual hosts describe in part.
  const memoryBytes = counted?.totalBytes ?? Number(memory) * 1024;
  return { cpus, coreMhz: mhz, threadsPerCore: threads, memoryBytes };
}
