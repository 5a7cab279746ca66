import type { Domain } from "@virtrigaud/provider-libvirt/client";
import { measureRate } from "../load.ts";
import type { Scope } from "../scope.ts";
import { startPythonStates } from "./python-states.ts";
import { virsh } from "./virsh.ts";

/** Answers calls per second with so many at a time. */
export type Rate = (concurrency: number) => Promise<number>;

/** Another way to ask a libvirtd for the states of its domains. */
export interface Rival {
  /** As the row's id has it. */
  readonly name: string;
  /** The least that our rate must be of its rate. */
  readonly bound: number;
  readonly note: string;
  /** @throws MissingHere */
  start(scope: Scope, uri: string, domains: readonly Domain[], calls: number): Promise<Rate>;
}

export const pythonLibvirt: Rival = {
  name: "python_libvirt",
  bound: 1,
  note: "python3-libvirt with a thread for each call at a time on one connection",
  async start(scope, uri, _, calls) {
    const started = await scope.own(
      () => startPythonStates(uri),
      (one) => one.stop(),
    );
    return (concurrency) => started.rate(calls, concurrency);
  },
};

export const virshPerCall: Rival = {
  name: "virsh",
  bound: 100,
  note: "a virsh process for each call",
  async start(_, uri, domains) {
    // As many calls as the others make would take minutes.
    const callsAt = (concurrency: number) => Math.max(16, 2 * concurrency);
    return (concurrency) =>
      measureRate(callsAt(concurrency), concurrency, (index) =>
        virsh(uri, "domstate", inTurn(domains, index).name),
      );
  },
};

/** One after the other, and from the first again after the last. */
export const inTurn = (domains: readonly Domain[], index: number): Domain =>
  domains[index % domains.length] as Domain;
