import { setTimeout as sleep } from "node:timers/promises";
import { isPoll, type Recording } from "./recording.ts";

/** What stands for the recorded VM's own in a replay. */
export interface Identity {
  readonly uid: string;
  /** Managed object ids, as soon as vCenter has given them. */
  readonly task: string;
  readonly vm: string;
}

type Post = (envelope: string) => Promise<string>;

/** Sends a recorded create anew for another VM, waiting for its tasks at the pace of the kit's `waitForOperation`. */
export async function replay(post: Post, { uid: recorded, calls }: Recording, uid: string): Promise<void> {
  let identity: Identity = { uid, task: "", vm: "" };
  for (const call of calls) {
    const body = fillIn(call.body, recorded, identity);
    const answer = isPoll(call) ? await untilDone(post, body) : await post(body);
    identity = {
      uid,
      task: /<returnval type="Task">([^<]+)</.exec(answer)?.[1] ?? identity.task,
      vm: /<result [^>]*\btype="VirtualMachine"[^>]*>([^<]+)</.exec(answer)?.[1] ?? identity.vm,
    };
  }
}

/** A recorded call for another VM: its uid (which is in the name, too), task and object. Pure. */
export function fillIn(body: string, recorded: string, { uid, task, vm }: Identity): string {
  return body
    .replaceAll(recorded, uid)
    .replace(/(?<= type="Task">)[^<]+/g, task)
    .replace(/(?<= type="VirtualMachine">)[^<]+/g, vm);
}

async function untilDone(post: Post, poll: string): Promise<string> {
  for (let pauseMs = 20; ; pauseMs *= 1.5) {
    await sleep(pauseMs);
    const answer = await post(poll);
    if (answer.includes("<state>success</state>")) return answer;
    if (answer.includes("<state>error</state>"))
      throw new Error(`a replayed task failed: ${answer.slice(0, 2_000)}`);
  }
}
