import type { Operation } from "@virtrigaud/proto";
import { Fault } from "../fault.ts";

/** What a task brings beside its effect. */
export type TaskResult = Operation["result"];

/** A native task: it takes time, acts in one instant at its end, and is remembered for a while. */
export interface Task {
  readonly id: string;
  readonly description: string;
  /** The machine that it holds; undefined for work on none. */
  readonly machineId: string | undefined;
  readonly cancellable: boolean;
  readonly startTime: Date;
  state: "running" | "succeeded" | "failed" | "cancelled";
  progressPercent: number;
  endTime: Date | undefined;
  result: TaskResult;
  fault: Fault | undefined;
}

/** What to run. */
export interface TaskWork {
  readonly description: string;
  readonly machineId?: string;
  readonly cancellable?: boolean;
  /** Acts at the task's end; a Fault that it throws is the task's error. */
  readonly effect: () => TaskResult;
  /** Undoes what was reserved when the task is cancelled or fails. */
  readonly rollback?: () => void;
}

/** All tasks of a hypervisor. */
export class Tasks {
  readonly #durationMs: number;
  readonly #remembered: number;
  readonly #tasks = new Map<string, Task>();
  readonly #ended: string[] = [];
  readonly #rollbacks = new Map<string, () => void>();
  readonly #byMachine = new Map<string, Task>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #count = 0;

  /** @param remembered how many ended tasks are kept; older ones are NOT_FOUND, as on a real hypervisor. */
  constructor(durationMs: number, remembered = 10_000) {
    this.#durationMs = durationMs;
    this.#remembered = remembered;
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  /** The running task that holds the machine. */
  holding(machineId: string): Task | undefined {
    return this.#byMachine.get(machineId);
  }

  /** Starts a task; it is half done after half its duration. */
  start(work: TaskWork): Task {
    const task = this.#add(work);
    if (work.machineId !== undefined) this.#byMachine.set(work.machineId, task);
    if (work.rollback) this.#rollbacks.set(task.id, work.rollback);
    const half = this.#durationMs / 2;
    setTimeout(() => {
      if (task.state !== "running") return;
      task.progressPercent = 50;
      this.#notify(task);
      setTimeout(() => task.state === "running" && this.#run(task, work.effect), half);
    }, half);
    return task;
  }

  /** A task that is over as it starts: for what is already as asked. */
  finished(description: string, result?: TaskResult): Task {
    const task = this.#add({ description, effect: () => result });
    this.#run(task, () => result);
    return task;
  }

  /** Cancels a task that still runs and may be cancelled; otherwise it stays as it is. */
  cancel(task: Task): void {
    if (task.state !== "running" || !task.cancellable) return;
    const fault = new Fault(1, "CANCELLED", `${task.description} was cancelled`);
    this.#end(task, "cancelled", fault);
  }

  /** Calls the listener at each change of the task until the returned function is called. */
  onChange(task: Task, listener: () => void): () => void {
    const listeners = this.#listeners.get(task.id) ?? new Set();
    this.#listeners.set(task.id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(task.id);
    };
  }

  #add({ description, machineId, cancellable = false }: TaskWork): Task {
    const task: Task = {
      id: `task-${++this.#count}`,
      description,
      machineId,
      cancellable,
      startTime: new Date(),
      state: "running",
      progressPercent: 0,
      endTime: undefined,
      result: undefined,
      fault: undefined,
    };
    this.#tasks.set(task.id, task);
    return task;
  }

  #run(task: Task, effect: () => TaskResult): void {
    try {
      task.result = effect();
      task.progressPercent = 100;
      this.#end(task, "succeeded", undefined);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#end(task, "failed", error);
    }
  }

  #end(task: Task, state: Task["state"], fault: Fault | undefined): void {
    Object.assign(task, { state, fault, endTime: new Date() });
    if (task.machineId !== undefined) this.#byMachine.delete(task.machineId);
    if (fault) this.#rollbacks.get(task.id)?.();
    this.#rollbacks.delete(task.id);
    this.#ended.push(task.id);
    if (this.#ended.length > 2 * this.#remembered) {
      for (const id of this.#ended.splice(0, this.#remembered)) this.#tasks.delete(id);
    }
    this.#notify(task);
  }

  #notify(task: Task): void {
    for (const listener of this.#listeners.get(task.id) ?? []) listener();
  }
}
