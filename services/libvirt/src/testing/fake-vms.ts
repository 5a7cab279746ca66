import { Libvirt } from "../client/index.ts";
import { Host } from "../host.ts";
import { testdata } from "../mapping/testing/testdata.ts";
import type { Answers } from "./fake-libvirtd.ts";
import { FakeDomains } from "./fake-domains.ts";

/** A host whose domains are a fake's, for what no real one has: thousands of them, or a daemon at its worst. */
export interface FakeVms {
  readonly domains: FakeDomains;
  readonly host: Host;
  stop(): Promise<void>;
}

/** Starts one that was probed already, so that only what is asked of domains is counted. */
export async function startFakeVms(more: Answers = {}): Promise<FakeVms> {
  const domains = await FakeDomains.start({ ...aboutTheHost, ...more });
  const libvirt = new Libvirt({ uri: domains.fake.uri, keepAliveMs: 50 });
  const settings = { storageClasses: {}, cpuMode: "host-model" as const };
  // An endpoint whose files cannot be read.
  const host = new Host(libvirt, { settings, accel: "tcg", endpoint: "qemu+tls://fake-1/system" });
  await host.facts({ signal: AbortSignal.timeout(10_000) });
  domains.newCalls();
  return {
    domains,
    host,
    async stop() {
      await host.close();
      await domains.fake.stop();
    },
  };
}

const aboutTheHost: Answers = {
  connectGetCapabilities: () => ({ capabilities: testdata("capabilities-amd.xml") }),
  connectGetDomainCapabilities: () => ({ capabilities: testdata("domcaps-tcg-libvirt9.xml") }),
  connectGetHostname: () => ({ hostname: "fake-1" }),
  connectGetVersion: () => ({ version: 8_002_000n }),
  nodeGetInfo: () => ({
    ...{ model: "x86_64", memory: 2n ** 26n, cpus: 16, mhz: 2400 },
    ...{ nodes: 1, sockets: 1, cores: 8, threads: 2 },
  }),
};
