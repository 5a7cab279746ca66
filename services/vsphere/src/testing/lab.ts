import { randomUUID } from "node:crypto";
import { describe, jest } from "@jest/globals";
import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import {
  type AppliedCapability,
  GracefulTimeoutPolicy,
  type Operation,
  PowerAction,
  type SetPowerRequest,
  type VM,
  View,
  type VMSpec,
} from "@virtrigaud/proto";
import { buildGovc, buildVcsim, whyUnavailable } from "@virtrigaud/test-tools";

const reason =
  (await whyUnavailable(buildVcsim(console.info))) ?? (await whyUnavailable(buildGovc(console.info)));

// Each suite starts simulators of its own, on machines that may be busy.
jest.setTimeout(60_000);

/** A group of tests against the simulated vCenter and govc; skipped with the reason in its name where they cannot be built. */
export const describeOnVcsim = (name: string, tests: () => void): void => {
  if (reason === undefined) describe(name, tests);
  else describe.skip(`${name}: ${reason}`, tests);
};

/** Calls CreateVM until it is complete. */
export async function create(
  provider: ProviderConnection,
  spec: VMSpec,
  uid: string = randomUUID(),
): Promise<VM> {
  const request = { uid, spec, controllerId: "test" };
  const { vm } = await untilComplete(provider, (options) => provider.createVm(request, options));
  if (vm === undefined) throw new Error("COMPLETE without a VM");
  return vm;
}

/** Calls DeleteVM until it is complete; answers what it did. */
export async function remove(
  provider: ProviderConnection,
  uid: string,
  retainDisks = false,
): Promise<string[]> {
  const done: string[] = [];
  await untilComplete(provider, async (options) => {
    const answer = await provider.deleteVm({ uid, retainDisks }, options);
    if (answer.operation !== undefined) done.push(answer.operation.description);
    return answer;
  });
  return done;
}

/** Sets the power and waits for it; answers the operation as it ended. */
export async function power(
  provider: ProviderConnection,
  uid: string,
  action: PowerAction,
  more: Partial<SetPowerRequest> = {},
): Promise<Operation> {
  return waitForOperation(provider, await startPower(provider, uid, action, more));
}

/** Sets the power without waiting. */
export async function startPower(
  provider: ProviderConnection,
  uid: string,
  action: PowerAction,
  more: Partial<SetPowerRequest> = {},
): Promise<Operation> {
  const { operation } = await provider.setPower({
    uid,
    action,
    gracefulTimeoutSeconds: 0,
    onGracefulTimeout: GracefulTimeoutPolicy.UNSPECIFIED,
    overrideNestedGuard: false,
    ...more,
  });
  if (operation === undefined) throw new Error("an answer without an operation");
  return operation;
}

/** A VM as it is now, in the whole view. */
export async function read(provider: ProviderConnection, uid: string): Promise<VM> {
  const { vm } = await provider.getVm({ vm: { reference: { $case: "uid", value: uid } }, view: View.FULL });
  if (vm === undefined) throw new Error("an answer without a VM");
  return vm;
}

/** The names of all VMs, also of those that nobody owns. */
export async function names(provider: ProviderConnection): Promise<string[]> {
  const { vms } = await provider.listVMs({
    pageSize: 1000,
    pageToken: "",
    view: View.BASIC,
    includeUnowned: true,
  });
  return vms.map(({ name }) => name).sort();
}

/** "FEATURE subject OUTCOME value" of each entry, for whole comparisons. */
export const lines = (applied: readonly AppliedCapability[]): string[] =>
  applied.map(({ feature, outcome, observedValue, subject }) =>
    [feature.replace("FEATURE_", ""), subject, outcome.replace("OUTCOME_", ""), observedValue]
      .filter((part) => part !== "")
      .join(" "),
  );
