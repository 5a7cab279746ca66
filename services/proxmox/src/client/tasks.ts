import { type CallOptions, waitFor, withDeadline } from "./deadline.ts";
import type { Pve } from "./pve.ts";
import { parseUpid, type Upid } from "./upid.ts";

/** What is known of a task. */
export type TaskState =
  | { readonly state: "running" }
  | { readonly state: "ok" }
  | {
      readonly state: "warnings" | "failed";
      /** "WARNINGS: 1", or what went wrong: "VM is locked (backup)". */
      readonly exitStatus: string;
      /** All lines; warnings begin with "WARN: ". */
      readonly log: readonly string[];
    };

export interface TasksOptions {
  /** How long one look at a node's running tasks serves all who ask, in milliseconds. Default 500. */
  readonly freshMs?: number;
}

/** The running tasks of a node, as one request found them. */
interface Look {
  readonly running: Promise<ReadonlySet<string>>;
  /** By performance.now(); infinite as long as the request is under way. */
  freshUntil: number;
}

/** More than a node runs at once; PVE's default is 50. A task beyond is asked for by itself. */
const MOST_TASKS = 5_000;
const MOST_LINES = 10_000;

/** Reads tasks: however many are polled, one request for each node and half a second finds all that still run. */
export class Tasks {
  readonly #pve: Pve;
  readonly #freshMs: number;
  readonly #looks = new Map<string, Look>();

  constructor(pve: Pve, { freshMs = 500 }: TasksOptions = {}) {
    this.#pve = pve;
    this.#freshMs = freshMs;
  }

  /**
   * The state of a task; that it ended shows half a second late at most, or ten when its node's daemon was restarted
   * meanwhile. PVE keeps it for weeks; a task it does not know is a PveError with errors.upid "no such task". Throws
   * TypeError for what is no UPID.
   */
  async read(upid: string, options: CallOptions = {}): Promise<TaskState> {
    const task = requireUpid(upid);
    return withDeadline({ method: "GET", path: `/nodes/${task.node}/tasks` }, options, async (signal) => {
      const running = await waitFor(this.#running(task.node), signal);
      return running.has(upid) ? { state: "running" } : this.#readOne(task, signal);
    });
  }

  /** The lines that a task has logged so far; a running download tells its progress there. */
  async log(upid: string, options: CallOptions = {}): Promise<string[]> {
    const { node } = requireUpid(upid);
    const lines = await this.#pve.api(options).nodes.$(node).tasks.$(upid).log.$get({ limit: MOST_LINES });
    return lines.map(({ t }) => t);
  }

  /** A task that began after the look is not in it: its own status is what counts. */
  async #readOne({ text, node }: Upid, signal: AbortSignal): Promise<TaskState> {
    const { status, exitstatus = "unexpected status" } = await this.#pve
      .api({ signal })
      .nodes.$(node)
      .tasks.$(text)
      .status.$get();
    if (status === "running") return { state: "running" };
    if (exitstatus === "OK") return { state: "ok" };
    const state = /^WARNINGS: \d+$/.test(exitstatus) ? "warnings" : "failed";
    return { state, exitStatus: exitstatus, log: await this.log(text, { signal }) };
  }

  #running(node: string): Promise<ReadonlySet<string>> {
    const last = this.#looks.get(node);
    if (last !== undefined && performance.now() < last.freshUntil) return last.running;
    const look: Look = { running: this.#look(node), freshUntil: Number.POSITIVE_INFINITY };
    this.#looks.set(node, look);
    look.running.then(
      () => {
        look.freshUntil = performance.now() + this.#freshMs;
      },
      () => {
        look.freshUntil = 0;
      },
    );
    return look.running;
  }

  async #look(node: string): Promise<ReadonlySet<string>> {
    // Nobody's signal: one caller that gives up must not end the others' look.
    const tasks = await this.#pve.api().nodes.$(node).tasks.$get({ source: "active", limit: MOST_TASKS });
    return new Set(tasks.map(({ upid }) => upid));
  }
}

function requireUpid(text: string): Upid {
  const upid = parseUpid(text);
  if (upid === undefined) throw new TypeError(`${JSON.stringify(text)} is not a UPID`);
  return upid;
}
