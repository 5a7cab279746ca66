import type { Codec, Value } from "../xdr/codec.ts";
import { struct } from "../xdr/composites.ts";
import { int } from "../xdr/numbers.ts";
import { domain, optionalText, text } from "./types.ts";

/** Events by kind: the number to register for, the procedure number of its messages, and what they say. */
export const eventKinds = {
  /** Defined, started, stopped, …: see Lifecycle; `detail` is the reason, numbered for each event anew. */
  lifecycle: {
    eventId: 0,
    number: 318,
    message: struct({ callbackId: int, domain, event: int, detail: int }),
  },
  /** The guest restarted itself. */
  reboot: { eventId: 1, number: 319, message: struct({ callbackId: int, domain }) },
  /** `disk` is the target, "vda"; see BlockJobStatus. */
  blockJob: {
    eventId: 16,
    number: 339,
    message: struct({ callbackId: int, domain, disk: text, type: int, status: int }),
  },
  /** The guest agent came or went: see AgentState, AgentReason. */
  agent: { eventId: 18, number: 348, message: struct({ callbackId: int, domain, state: int, reason: int }) },
  /** A device was plugged into the running domain or, next, is out of it, by its alias. */
  deviceAdded: { eventId: 19, number: 354, message: struct({ callbackId: int, domain, alias: text }) },
  deviceRemoved: { eventId: 15, number: 333, message: struct({ callbackId: int, domain, alias: text }) },
  /** Stored or live metadata changed; `type` see MetadataType, `uri` the namespace of an ELEMENT. Since libvirt 3.0. */
  metadata: {
    eventId: 23,
    number: 379,
    message: struct({ callbackId: int, domain, type: int, uri: optionalText }),
  },
} as const;

export type EventKind = keyof typeof eventKinds;

/** Something happened to a domain. */
export type DomainEvent = {
  [K in EventKind]: { readonly kind: K } & Omit<Value<(typeof eventKinds)[K]["message"]>, "callbackId">;
}[EventKind];

interface AnyKind {
  readonly kind: EventKind;
  readonly message: Codec<{ readonly callbackId: number }>;
}

const byNumber = new Map<number, AnyKind>(
  Object.entries(eventKinds).map(([kind, { number, message }]) => [
    number,
    { kind: kind as EventKind, message: message as AnyKind["message"] },
  ]),
);

/** The kind and codec of a message by its procedure number; undefined for those nobody registered for. */
export function eventByNumber(number: number): AnyKind | undefined {
  return byNumber.get(number);
}
