import { expect, test } from "@jest/globals";
import type { DomainEvent } from "../client/index.ts";
import { after, afterRead, type Need, nothing } from "./need.ts";

const domain = { name: "vm1", uuid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", id: 7 };
const lifecycle = (event: number, detail = 0): DomainEvent => ({ kind: "lifecycle", domain, event, detail });
const [defined, undefined_, started, suspended, resumed, stopped, shutdown, pmSuspended, crashed] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((event) => lifecycle(event)),
] as [DomainEvent, ...DomainEvent[]];
const agent = (state: number, reason: number): DomainEvent => ({ kind: "agent", domain, state, reason });
const saved = lifecycle(5, 4);

test.each<[string, (DomainEvent | undefined)[], Partial<Need>]>([
  ["defined", [defined], { stored: 1, defined: 1 }],
  ["defined twice", [defined, defined], { stored: 2, defined: 2 }],
  ["undefined", [undefined_], { stored: 1 }],
  ["a start as libvirt tells it", [agent(2, 1), resumed, started], { live: 1, state: 1, startedId: 7 }],
  ["started paused", [started, suspended], { live: 1, state: 3, startedId: 7 }],
  ["suspended", [suspended], { state: 3 }],
  ["resumed", [suspended, resumed], { state: 1 }],
  ["the guest sleeps", [pmSuspended], { state: 7 }],
  ["crashed and kept", [crashed], { state: 6 }],
  ["stopped", [shutdown, stopped], { stored: 1, state: 5 }],
  ["saved", [suspended, saved], { stored: 1, state: 5, save: "ask" }],
  ["started and stopped", [started, stopped], { stored: 1, live: 0, state: 5, startedId: 7 }],
  ["saved and restored", [saved, started], { stored: 1, live: 1, state: 1, startedId: 7 }],
  ["the agent came", [agent(1, 2)], { live: 1, agentCame: true }],
  ["the agent came and went", [agent(1, 2), agent(2, 2)], { live: 2, agentCame: false }],
  [
    "a block job ended",
    [{ kind: "blockJob", domain, disk: "vda", type: 2, status: 0 }],
    { stored: 1, live: 1 },
  ],
  ["plugged in", [{ kind: "deviceAdded", domain, alias: "net1" }], { stored: 1, live: 1 }],
  ["pulled out", [{ kind: "deviceRemoved", domain, alias: "net1" }], { stored: 1, live: 1 }],
  ["metadata", [{ kind: "metadata", domain, type: 2, uri: "urn:x" }], { stored: 1 }],
  ["the guest restarted itself", [{ kind: "reboot", domain }], {}],
])("after: %s", (_, events, need) => {
  const all = events.filter((event) => event !== undefined);
  expect(all.reduce(after, nothing)).toEqual({ ...nothing, ...need });
});

test.each<[string, DomainEvent[], Parameters<typeof afterRead>[1], Partial<Need>]>([
  ["a new domain was defined before it was read", [defined as DomainEvent], { isNew: true }, { stored: 0 }],
  [
    "one that was known may have been defined after",
    [defined as DomainEvent],
    { isNew: false },
    { stored: 1 },
  ],
  [
    "and so may a new one that was defined twice",
    [defined, defined] as DomainEvent[],
    { isNew: true },
    { stored: 2 },
  ],
  [
    "a run that was read had been started",
    [started] as DomainEvent[],
    { isNew: false, liveId: 7 },
    { live: 0 },
  ],
  ["another run had not", [started] as DomainEvent[], { isNew: false, liveId: 6 }, { live: 1 }],
  [
    "nor one to which more happened",
    [started, agent(1, 2)] as DomainEvent[],
    { isNew: false, liveId: 7 },
    { live: 2 },
  ],
])("%s", (_, events, read, need) => {
  expect(afterRead(events.reduce(after, nothing), read)).toMatchObject(need);
});
