import { status } from "@grpc/grpc-js";
import { type AdoptVMRequest, type AdoptVMResponse, Outcome, View } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { Fault, invalid, notFound } from "../fault.ts";
import { fingerprint } from "../mapping/fingerprint.ts";
import { knobs } from "../mapping/knobs.ts";
import { observe } from "../mapping/observe.ts";
import { check, uidViolations } from "../mapping/validate.ts";

/** AdoptVM: stamps ownership on a machine that nobody owns and changes nothing else. */
export function adoptVm(context: Context, { id, uid, controllerId }: AdoptVMRequest): AdoptVMResponse {
  const { hypervisor } = context;
  const { inventory } = hypervisor;
  const violations = [...check([["id", id !== "", "is required"]]), ...uidViolations(uid)];
  if (violations.length > 0) throw invalid(violations);
  const machine = inventory.get(id);
  if (!machine) throw notFound(`VM ${id}`);
  const owner = machine.marker?.owner.uid;
  if (owner === undefined) {
    if (inventory.owned(uid)) throw taken("UID_IN_USE", `uid ${uid} owns another VM already`);
    inventory.mark(machine, {
      owner: { uid, specFingerprint: fingerprint(machine.config), controllerId },
      made: false,
      nestedRequested: undefined,
      outcomes: knobs(machine.config).map(({ feature, subject }) => {
        return { feature, subject, outcome: Outcome.APPLIED, reason: "" };
      }),
    });
  } else if (owner !== uid) {
    throw taken("OWNED_BY_ANOTHER", `VM ${id} is owned by uid ${owner}`);
  }
  return { vm: observe(hypervisor, machine, View.FULL) };
}

function taken(reason: string, message: string): Fault {
  return new Fault(status.ALREADY_EXISTS, reason, message);
}
