import { createLogger, Jobs, type CallContext } from "@virtrigaud/kit";
import type { Call } from "../call.ts";
import type { Libvirt } from "../client/index.ts";
import type { HostFacts } from "../mapping/host-facts.ts";
import { type Accel, probeHost } from "../probe/probe-host.ts";

/** A host without VMs of ours, probed at each look. */
export const probedHost = (libvirt: Libvirt, uri: string, accel: Accel = "auto") => {
  const facts = async (call: Call): Promise<HostFacts> => ({
    ...(await probeHost(libvirt, { accel, uri }, call)),
    reserved: { cpuMhz: 0, memoryBytes: 0 },
    pinnedCpus: new Set(),
  });
  return { libvirt, endpoint: uri, jobs: new Jobs(), facts, freshFacts: facts };
};

/** What a handler knows of a call that nobody waits for. */
export const anyCall = (signal: AbortSignal = new AbortController().signal): CallContext => ({
  signal,
  caller: "test",
  log: createLogger({ level: "error", format: "text" }),
});
