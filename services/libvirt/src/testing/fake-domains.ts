import { ErrorCode, Lifecycle } from "../protocol/constants.ts";
import type { DomainEvent } from "../protocol/events.ts";
import type { Domain } from "../protocol/types.ts";
import { type Answers, type FakeLibvirtd, startFakeLibvirtd } from "./fake-libvirtd.ts";
import { FakeRefusal } from "./fake-refusal.ts";

const off = { state: 5, id: -1 };

/** A domain of the fake; change it and tell by an event, or do not tell. */
export interface FakeDomain {
  readonly uuid: string;
  name: string;
  state: number;
  /** -1: does not run. */
  id: number;
  vcpus: number;
  hasManagedSave: boolean;
  /** XML within <devices>, and within <channel> whether the agent is there. */
  devices: string;
  /** XML within <metadata>. */
  metadata: string;
}

/** Holds domains and answers for them as libvirtd does. */
export class FakeDomains {
  readonly domains = new Map<string, FakeDomain>();
  readonly fake: FakeLibvirtd;
  #lastId = 0;

  private constructor(fake: FakeLibvirtd) {
    this.fake = fake;
  }

  /** Starts it; stop `fake` after the test. `more` answers further calls, or others than it would. */
  static async start(more: Answers = {}): Promise<FakeDomains> {
    const answers: { -readonly [N in keyof Answers]: Answers[N] } = {};
    const one = new FakeDomains(await startFakeLibvirtd({ answers }));
    Object.assign(answers, one.#answers(), more);
    return one;
  }

  /** Defines a domain, telling it by an event. */
  define(number: number, init: Partial<FakeDomain> = {}): FakeDomain {
    const uuid = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    const owner = `<v:vm xmlns:v='https://virtrigaud.io/libvirt/1' uid='${uuid}' fingerprint='f' controller='c'/>`;
    const made = { uuid, name: `vm${number}`, ...off, vcpus: 1, hasManagedSave: false, devices: "" };
    const domain: FakeDomain = { ...made, metadata: owner, ...init };
    this.domains.set(uuid, domain);
    this.tell(domain, Lifecycle.DEFINED);
    return domain;
  }

  run(domain: FakeDomain): void {
    Object.assign(domain, { state: 1, id: ++this.#lastId });
    this.tell(domain, Lifecycle.STARTED);
  }

  halt(domain: FakeDomain): void {
    Object.assign(domain, off);
    this.tell(domain, Lifecycle.STOPPED);
  }

  remove(domain: FakeDomain): void {
    this.domains.delete(domain.uuid);
    this.tell(domain, Lifecycle.UNDEFINED);
  }

  tell(domain: FakeDomain, event: number, detail = 0): void {
    this.emit({ kind: "lifecycle", domain: handle(domain), event, detail });
  }

  emit(event: DomainEvent): void {
    this.fake.emit(event);
  }

  /** Calls since the last look, without those that make a connection. */
  newCalls(): Record<string, number> {
    const counted: Record<string, number> = {};
    for (const name of this.fake.calls.splice(0))
      if (!handshake.has(name)) counted[name] = (counted[name] ?? 0) + 1;
    return counted;
  }

  #answers(): Answers {
    const find = ({ uuid }: { readonly uuid: string }): FakeDomain => {
      const found = this.domains.get(uuid);
      if (found === undefined) throw new FakeRefusal(ErrorCode.NO_DOMAIN, "Domain not found");
      return found;
    };
    return {
      connectListAllDomains: ({ flags = 0 }) => {
        const listed = [...this.domains.values()].filter(
          ({ hasManagedSave }) => flags === 0 || hasManagedSave,
        );
        return { domains: listed.map(handle), count: listed.length };
      },
      connectGetAllDomainStats: ({ domains }) => ({
        records: (domains.length === 0
          ? [...this.domains.values()]
          : domains.flatMap(({ uuid }) => this.domains.get(uuid) ?? [])
        ).map((domain) => ({
          domain: handle(domain),
          params: stats(domain),
        })),
      }),
      domainLookupByUuid: ({ uuid }) => ({ domain: handle(find({ uuid })) }),
      domainGetState: ({ domain }) => ({ state: find(domain).state, reason: 0 }),
      domainGetXmlDesc: ({ domain, flags = 0 }) => ({ xml: xmlOf(find(domain), flags) }),
      domainHasManagedSaveImage: ({ domain }) => ({ result: find(domain).hasManagedSave ? 1 : 0 }),
    };
  }
}

const handshake = new Set([
  ...["authList", "connectSupportsFeature", "connectOpen"],
  "connectDomainEventCallbackRegisterAny",
]);

const handle = ({ uuid, name, id }: FakeDomain): Domain => ({ uuid, name, id });

function xmlOf({ uuid, name, id, vcpus, devices, metadata }: FakeDomain, flags: number): string {
  const isLive = id !== -1 && (flags & 2) === 0;
  return `<domain type='qemu'${isLive ? ` id='${id}'` : ""}>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <metadata>${metadata}</metadata>
  <memory unit='KiB'>65536</memory>
  <vcpu placement='static'>${vcpus}</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>${devices}</devices>
</domain>`;
}

function stats({ state, vcpus, id }: FakeDomain) {
  const numbers = { "state.state": state, "vcpu.current": vcpus, "vcpu.maximum": vcpus, "block.count": 0 };
  const counters = id === -1 ? {} : { "cpu.time": 2_000_000_000, "balloon.rss": 1_024 };
  return Object.entries({ ...numbers, ...counters }).map(([field, value]) => ({
    field,
    value: { type: 4 as const, value: BigInt(value) },
  }));
}
