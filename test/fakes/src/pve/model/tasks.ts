import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../api/error.ts";
import { encodeUpid } from "./upid.ts";

/** What a script sees of a task. */
export interface TaskView {
  readonly type: string;
  /** Mostly the VMID. */
  readonly id: string;
  readonly node: string;
  readonly user: string;
}

/** What a script makes of a task: it logs warnings, fails before its work, or takes long. */
export interface TaskPlan {
  readonly warnings?: readonly string[];
  readonly fail?: string;
  readonly ms?: number;
}
export type TaskScript = (task: TaskView) => TaskPlan | undefined;

/** What a task's work may do. */
export interface Worker {
  print(line: string): void;
  /** A warning that counts: the task ends as `WARNINGS: n`. */
  warn(message: string): void;
  /** Takes the time that a task takes. Throws when the task is stopped. */
  step(): Promise<void>;
}

/** A task, running or done. */
export class Task {
  readonly log: string[] = [];
  warnings = 0;
  /** `OK`, `WARNINGS: n` or the error; undefined while it runs. */
  exitStatus: string | undefined;
  endtime: number | undefined;
  /** Settles when the task has ended, never rejects. */
  done: Promise<void> = Promise.resolve();
  readonly stop = new AbortController();

  readonly upid: string;
  readonly view: TaskView;
  readonly pid: number;
  readonly pstart: number;
  /** Seconds since the epoch. */
  readonly starttime: number;

  constructor(upid: string, view: TaskView, pid: number, pstart: number, starttime: number) {
    this.upid = upid;
    this.view = view;
    this.pid = pid;
    this.pstart = pstart;
    this.starttime = starttime;
  }
}

interface Order extends TaskView {
  readonly work: (worker: Worker) => Promise<void> | void;
}

const BOOT_TICKS = 500_000;

/** All tasks of a cluster, the newest last. */
export class Tasks {
  readonly #byUpid = new Map<string, Task>();
  #pid = 28_000;
  readonly #started = Date.now();

  readonly #defaultMs: number;
  readonly #script: TaskScript | undefined;

  constructor(defaultMs: number, script: TaskScript | undefined) {
    this.#defaultMs = defaultMs;
    this.#script = script;
  }

  /** Starts work and gives its task at once; the work itself begins in a later turn, as a forked worker does. */
  fork({ work, ...view }: Order): Task {
    const now = Date.now();
    this.#pid += 9;
    const pstart = BOOT_TICKS + Math.floor((now - this.#started) / 10) + this.#byUpid.size;
    const starttime = Math.floor(now / 1000);
    const upid = encodeUpid({ ...view, pid: this.#pid, pstart, starttime });
    const task = new Task(upid, view, this.#pid, pstart, starttime);
    this.#byUpid.set(upid, task);
    task.done = this.#run(task, work);
    return task;
  }

  get(upid: string): Task | undefined {
    return this.#byUpid.get(upid);
  }

  all(): Task[] {
    return [...this.#byUpid.values()];
  }

  async #run(task: Task, work: Order["work"]): Promise<void> {
    const plan = this.#script?.(task.view);
    const worker: Worker = {
      print: (line) => void task.log.push(...line.split("\n")),
      warn: (message) => {
        task.warnings += 1;
        task.log.push(...`WARN: ${message}`.split("\n"));
      },
      step: () => pause(plan?.ms ?? this.#defaultMs, task.stop.signal),
    };
    await Promise.resolve();
    try {
      for (const message of plan?.warnings ?? []) worker.warn(message);
      if (plan?.fail !== undefined) {
        await worker.step();
        throw new ApiError(500, plan.fail);
      }
      await work(worker);
      this.#end(task, task.warnings > 0 ? `WARNINGS: ${task.warnings}` : "OK");
    } catch (error) {
      // Anything else is a mistake of the simulator: the task that shows it is better than a dead process.
      const message = error instanceof ApiError ? error.inTask : `simulator: ${String(error)}`;
      this.#end(task, message.replaceAll("\n", " "), true);
    }
  }

  #end(task: Task, exitStatus: string, failed = false): void {
    task.exitStatus = exitStatus;
    task.endtime = Math.floor(Date.now() / 1000);
    task.log.push(failed ? `TASK ERROR: ${exitStatus}` : `TASK ${exitStatus}`);
  }
}

/** Waits, without keeping the process alive for it: a stopped simulator leaves nothing behind. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal, ref: false });
  } catch {
    // Only an abort can interrupt the timer.
    throw new ApiError(500, "received interrupt\n");
  }
}
