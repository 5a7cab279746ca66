import type { GuestInterface, Usage } from "@virtrigaud/proto";
import { type FoundConfig, readConfig } from "./found-config.ts";
import { guestInterfaces } from "./guest-interfaces.ts";
import { flagOf, type Json, membersOf, numberOf, textOf } from "./json.ts";
import type { Power } from "./power-state.ts";
import { usage } from "./usage.ts";

/** The answers that tell of one VM. What was not asked, or not answered, is left out. */
export interface VmAnswers {
  /** Its entry in `GET /cluster/resources`. */
  row: Json;
  /** `GET status/current` */
  status?: Json;
  /** `GET pending` */
  pending?: Json;
  /** `GET agent/network-get-interfaces`; "silent" where its error says that no agent runs. */
  agent?: Json;
}

/** A VM as it was read, before it is put into the contract's words. */
export interface FoundVm {
  vmid: number;
  name: string;
  node: string;
  isTemplate: boolean;
  power: Power;
  /** undefined while only a listing's row was read. */
  config: FoundConfig | undefined;
  /** Of the listing; the first that shows an owner. */
  tags: string;
  /** Whether an agent answers; undefined when none was asked. */
  agent: boolean | undefined;
  interfaces: GuestInterface[];
  usage: Usage;
}

/** Reads what is known of a VM; undefined for a row that is none: a container, a node, a storage. */
export function readVm(answers: VmAnswers): FoundVm | undefined {
  const row = membersOf(answers.row);
  const vmid = numberOf(row.vmid);
  if (row.type !== "qemu" || vmid === undefined) return undefined;
  const latest = { ...row, ...membersOf(answers.status) };
  const isSilent = answers.agent === "silent";
  return {
    vmid,
    name: textOf(latest.name),
    node: textOf(row.node),
    isTemplate: flagOf(latest.template),
    power: {
      status: textOf(latest.status),
      qmpStatus: textOf(latest.qmpstatus),
      lock: lockOf(answers, latest),
    },
    config: answers.pending === undefined ? undefined : readConfig(answers.pending),
    tags: textOf(latest.tags),
    agent: answers.agent === undefined ? undefined : !isSilent,
    interfaces: guestInterfaces(isSilent ? undefined : answers.agent),
    usage: usage(latest),
  };
}

/** A lock that is gone is missing from the newer answer, not empty in it. */
const lockOf = ({ status }: VmAnswers, latest: Readonly<Record<string, Json>>): string =>
  textOf(status === undefined ? latest.lock : membersOf(status).lock);
