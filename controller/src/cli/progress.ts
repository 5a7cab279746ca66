import { type ProviderState, hypervisorLabel } from "../providers/provider-state.ts";
import { readLogLine } from "../children/log-line.ts";
import type { VirtualMachineStatus } from "../status-types.ts";
import { type Ref, refKey } from "../store/store.ts";
import { conditionOf, nestedText } from "./report.ts";

const REMEMBERED_LOG_LINES = 1_000;

/** Tells what happens as it happens, a line for each thing that is new. */
export class Progress {
  readonly #write: (line: string) => void;
  readonly #began = performance.now();
  readonly #told = new Map<string, string>();
  readonly #logged = new Set<string>();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** A VM was looked at; undefined: it is gone. */
  vm(ref: Ref, status: VirtualMachineStatus | undefined): void {
    const ready = conditionOf(status, "Ready");
    this.#tell(refKey(ref), status === undefined ? "deleted" : `${status.phase}: ${ready?.message ?? ""}`);
    const nested = conditionOf(status, "NestedVirtualization");
    if (ready?.status === "True" && nested !== undefined && nested.reason !== "NotRequested")
      this.#tell(`${refKey(ref)}: nested virtualization`, nestedText(status, nested));
  }

  /** A provider's state changed. */
  provider(ref: Ref, state: ProviderState): void {
    const { availability, standIn } = state;
    const label = hypervisorLabel(state);
    const serving = availability.status === "True" && label !== "real" && label !== undefined;
    this.#tell(`provider ${refKey(ref)}`, `${availability.message}${serving ? ` (${label})` : ""}`);
    if (standIn?.images !== undefined)
      this.#tell(`provider ${refKey(ref)} images`, "a small Linux of ours stands in for every image");
  }

  /** A daemon wrote a line: what somebody should see is passed on, once, for a daemon in trouble repeats itself. */
  log(ref: Ref, line: string): void {
    const { text, important } = readLogLine(line);
    const entry = `provider ${refKey(ref)}: ${text}`;
    if (!important || this.#logged.has(entry)) return;
    if (this.#logged.size >= REMEMBERED_LOG_LINES) this.#logged.clear();
    this.#logged.add(entry);
    this.say(entry);
  }

  /** Something went wrong that is tried again. */
  error(about: string, error: unknown): void {
    this.say(`${about}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Anything else, after the seconds since the command began. */
  say(text: string): void {
    const seconds = (performance.now() - this.#began) / 1000;
    this.#write(`${seconds.toFixed(1).padStart(6)}s  ${text}`);
  }

  #tell(subject: string, text: string): void {
    if (this.#told.get(subject) === text) return;
    this.#told.set(subject, text);
    this.say(`${subject}: ${text}`);
  }
}
