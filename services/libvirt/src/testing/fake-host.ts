import { Lifecycle, StoppedDetail } from "../protocol/constants.ts";
import type { Domain } from "../protocol/types.ts";
import { type Answers, type FakeLibvirtd, startFakeLibvirtd } from "./fake-libvirtd.ts";

/** What a host answers when it is probed; what is left out it refuses as too old for. */
export interface FakeHostAnswers {
  readonly capabilities: string;
  readonly domainCapabilities?: string;
  readonly expandedCpu?: string;
  /** In libvirt's form. Default 10.0.0. */
  readonly libvirtVersion?: bigint;
  /** How guests that are started end: by themselves after so many milliseconds, never without. */
  readonly guestsEnd?: { readonly afterMs: number; readonly detail?: number };
  readonly more?: Answers;
}

export interface FakeHost {
  readonly fake: FakeLibvirtd;
  /** Domains by UUID that were started and have not ended, as their XML. */
  readonly running: Map<string, string>;
}

/** Starts a fake libvirtd that can be probed and asked to start domains; stop it after the test. */
export async function startFakeHost(host: FakeHostAnswers): Promise<FakeHost> {
  const running = new Map<string, string>();
  const end = (domain: Domain, detail: number) => {
    if (running.delete(domain.uuid))
      fake.emit({ kind: "lifecycle", domain, event: Lifecycle.STOPPED, detail });
  };
  const fake = await startFakeLibvirtd({
    answers: {
      ...about(host),
      connectListAllDomains: () => {
        const domains = [...running].map(([uuid, xml]) => ({ name: textIn(xml, "name"), uuid, id: 1 }));
        return { domains, count: domains.length };
      },
      domainGetXmlDesc: ({ domain }) => ({ xml: running.get(domain.uuid) ?? "" }),
      domainCreateXml: ({ xml }) => {
        const domain = { name: textIn(xml, "name"), uuid: textIn(xml, "uuid"), id: 1 };
        running.set(domain.uuid, xml);
        const { guestsEnd } = host;
        if (guestsEnd !== undefined)
          setTimeout(() => end(domain, guestsEnd.detail ?? StoppedDetail.SHUTDOWN), guestsEnd.afterMs);
        return { domain };
      },
      domainDestroyFlags: ({ domain }) => {
        end(domain, StoppedDetail.DESTROYED);
        return {};
      },
      ...host.more,
    },
  });
  return { fake, running };
}

function about({
  capabilities,
  domainCapabilities,
  expandedCpu,
  libvirtVersion = 10_000_000n,
}: FakeHostAnswers): Answers {
  return {
    connectGetCapabilities: () => ({ capabilities }),
    connectGetHostname: () => ({ hostname: "fake-1" }),
    connectGetType: () => ({ type: "QEMU" }),
    connectGetVersion: () => ({ version: 8_002_000n }),
    connectGetLibVersion: () => ({ version: libvirtVersion }),
    nodeGetInfo: () => node,
    ...(domainCapabilities === undefined
      ? {}
      : { connectGetDomainCapabilities: () => ({ capabilities: domainCapabilities }) }),
    ...(expandedCpu === undefined ? {} : { connectBaselineHypervisorCpu: () => ({ cpu: expandedCpu }) }),
  };
}

const node = {
  model: "x86_64",
  memory: 2n ** 26n,
  cpus: 16,
  mhz: 2400,
  nodes: 1,
  sockets: 1,
  cores: 8,
  threads: 2,
};

const textIn = (xml: string, element: string): string =>
  new RegExp(`<${element}>(.*?)</${element}>`).exec(xml)?.[1] ?? "";
