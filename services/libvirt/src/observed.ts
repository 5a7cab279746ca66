import { setImmediate as nextTurn } from "node:timers/promises";
import { PowerState, View, type VM } from "@virtrigaud/proto";
import { foundOf, type Known } from "./inventory/known.ts";
import { observe, type Sight } from "./mapping/observation.ts";
import { usage } from "./mapping/usage.ts";
import { counters, type DomainStats } from "./stats.ts";

/** How long others may be kept waiting. */
const sliceMs = 10;

interface Made {
  /** Part of the probed facts: another probe brings another object. */
  readonly facts: Sight["host"]["domain"];
  readonly vm: VM;
}

/** Messages by what they were made of, which is replaced when the domain changes: lists and watches share them. */
const made = new WeakMap<Known, Made>();

/** A known domain in the contract's words, usage left out. */
export function observed(known: Known, sight: Sight, view: View): VM {
  const facts = sight.host.domain;
  const present = made.get(known);
  const vm = present?.facts === facts ? present.vm : observe(foundOf(known), sight, View.FULL);
  if (vm !== present?.vm) made.set(known, { facts, vm });
  return view === View.FULL ? vm : { ...vm, spec: undefined, appliedCapabilities: [] };
}

/** The message with the domain's counters, where it runs and they can be told. */
export function withUsage(vm: VM, stats: DomainStats | undefined): VM {
  const numbers = stats && counters(stats);
  const isTold = vm.powerState === PowerState.ON && numbers !== undefined && numbers.size > 0;
  return isTold ? { ...vm, usage: usage(numbers) } : vm;
}

/** Lets others have their turn between the items of a long piece of work. */
export async function* unhurried<T>(items: Iterable<T>): AsyncGenerator<T> {
  let since = performance.now();
  for (const item of items) {
    if (performance.now() - since > sliceMs) {
      await nextTurn();
      since = performance.now();
    }
    yield item;
  }
}
