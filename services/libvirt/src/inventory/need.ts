import {
  AgentReason,
  AgentState,
  type DomainEvent,
  DomainState,
  Lifecycle,
  StoppedDetail,
} from "../client/index.ts";

/** What has to be read of a domain after something happened to it, and what is known without. */
export interface Need {
  /** How many events may have changed what is stored, and what runs; 0: it need not be read. */
  readonly stored: number;
  readonly live: number;
  /** Whether the memory of one that does not run is on disk; "ask" when that is not known. */
  readonly save: boolean | "ask";
  /** virDomainState by the last event that told it; SHUTOFF: nothing runs. */
  readonly state?: number | undefined;
  /** How many of the events were its definition. */
  readonly defined: number;
  /** Id of the run that was started. */
  readonly startedId?: number | undefined;
  /** Whether the guest's agent came. */
  readonly agentCame: boolean;
  /** performance.now() of what is known already, when that is older than the look will be. */
  readonly asOf?: number | undefined;
}

export const nothing: Need = { stored: 0, live: 0, save: false, defined: 0, agentCame: false };

const { RUNNING, PAUSED, SHUTOFF, CRASHED, PM_SUSPENDED } = DomainState;
/** Events that tell the state and change nothing else. */
const states: Readonly<Record<number, number>> = {
  [Lifecycle.SUSPENDED]: PAUSED,
  [Lifecycle.RESUMED]: RUNNING,
  [Lifecycle.PM_SUSPENDED]: PM_SUSPENDED,
  [Lifecycle.CRASHED]: CRASHED,
};

/** What an event adds to what has to be read. */
export function after(need: Need, event: DomainEvent): Need {
  switch (event.kind) {
    case "lifecycle":
      return afterLifecycle(need, event);
    case "agent":
      // The state that a domain starts with comes before its start.
      if (event.reason === AgentReason.DOMAIN_STARTED) return need;
      return { ...need, live: need.live + 1, agentCame: event.state === AgentState.CONNECTED };
    case "blockJob":
    case "deviceAdded":
    case "deviceRemoved":
      return { ...need, stored: need.stored + 1, live: need.live + 1 };
    case "metadata":
      return { ...need, stored: need.stored + 1 };
    case "reboot":
      return need;
  }
}

function afterLifecycle(
  need: Need,
  { event, detail, domain }: Extract<DomainEvent, { kind: "lifecycle" }>,
): Need {
  const state = states[event];
  if (state !== undefined) return { ...need, state };
  switch (event) {
    case Lifecycle.DEFINED:
      return { ...need, stored: need.stored + 1, defined: need.defined + 1 };
    case Lifecycle.STARTED:
      return { ...need, live: need.live + 1, save: false, state: RUNNING, startedId: domain.id };
    case Lifecycle.STOPPED:
      // Whether it is there at all without running shows in what is stored.
      return {
        ...need,
        stored: need.stored + 1,
        live: 0,
        save: detail === StoppedDetail.SAVED && "ask",
        state: SHUTOFF,
      };
    case Lifecycle.UNDEFINED:
      return { ...need, stored: need.stored + 1 };
    default:
      return need;
  }
}

/**
 * What is left to be read after somebody's read that had begun when the events came. A domain that nobody knew was defined before it could be
 * read, and one that is read as running had been started: those events are older than what was read, whenever they were heard.
 */
export function afterRead(
  need: Need,
  read: { readonly isNew: boolean; readonly liveId?: number | undefined },
): Need {
  const isDefinition = read.isNew && need.defined === 1 && need.stored === 1;
  const isStart = need.startedId !== undefined && need.startedId === read.liveId && need.live === 1;
  return { ...need, stored: isDefinition ? 0 : need.stored, live: isStart ? 0 : need.live };
}
