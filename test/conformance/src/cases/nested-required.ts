import { Feature, NestedPolicy, Outcome, Tristate, type VM } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import { appliedOf } from "../applied.ts";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expect, expectEqual, expectError, expectOneOf, expectPresent } from "../expect.ts";

export const nestedRequired: Case = {
  id: "nested-required",
  title: "Nesting that is REQUIRED is applied and read back, or refused with the remedy; never ignored",
  contract:
    "nested.proto, NESTED_POLICY_REQUIRED: On, or the call fails: FAILED_PRECONDITION NESTED_UNSUPPORTED when no eligible host can give it.",
  needs: [],
  async run(context) {
    if (context.fixture.nested.expect === "refused") return refused(context);
    const uid = context.uid();
    const made = await context.create(context.spec(required), uid);
    expectApplied(made);
    expectApplied(expectPresent(await context.find(uid), "the VM as read again"));
  },
};

const required = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

function expectApplied({ appliedCapabilities, nested }: VM): void {
  const entry = appliedOf(appliedCapabilities, Feature.NESTED_VIRTUALIZATION);
  expect(entry !== undefined, "REQUIRED: expected an applied capability, got none: the knob was ignored");
  expectOneOf(entry.outcome, [Outcome.APPLIED, Outcome.SUBSTITUTED], "outcome of REQUIRED");
  expect(entry.observedValue !== "", "observed_value of REQUIRED: expected what was read back, got nothing");
  const state = expectPresent(nested, "nested");
  expectEqual(state.requested, Tristate.TRUE, "nested.requested");
  expectOneOf(state.configured, [Tristate.TRUE, Tristate.UNKNOWN], "nested.configured");
  expectOneOf(state.hostCapable, [Tristate.TRUE, Tristate.UNKNOWN], "nested.host_capable");
  expect(state.reason !== "" && state.message !== "", "nested: expected a reason and a message, got none");
  if (state.hostCapable === Tristate.TRUE)
    expectOneOf(state.cpuFeature, ["vmx", "svm"], "nested.cpu_feature");
}

async function refused(context: CaseContext): Promise<void> {
  const uid = context.uid();
  const spec = context.spec(required);
  const reason = "NESTED_UNSUPPORTED";
  const call = context.create(spec, uid);
  const error = await expectError(
    call,
    { code: status.FAILED_PRECONDITION, reason },
    "REQUIRED without a host",
  );
  expectEqual(await context.find(uid), undefined, "VM of the refused uid");
  expectEqual((await context.named(spec.name)).length, 0, `VMs named ${spec.name}`);
  const hosts = await remedies(context);
  const named = hosts.length === 0 || hosts.some((host) => error.message.includes(host));
  expect(named, `message of the refusal: expected the knob on ${hosts.join(" or ")}, got ${error.message}`);
  if (!context.can(Feature.PLAN)) return;
  const plan = await context.provider.planVm({ spec, uid: "" }, { signal: context.signal });
  const planned = appliedOf(plan.appliedCapabilities, Feature.NESTED_VIRTUALIZATION);
  expectEqual(planned?.outcome, Outcome.REFUSED, "outcome of REQUIRED in PlanVM");
  expect(
    plan.violations.some((violation) => violation.reason === reason),
    `PlanVM: expected ${reason}`,
  );
}

/** Names of the hosts that cannot, from CheckHosts, where each has to say what would change that. */
async function remedies(context: CaseContext): Promise<string[]> {
  if (!context.can(Feature.HOST_CHECK)) return [];
  const { operation } = await context.provider.checkHosts({ hosts: [] }, { signal: context.signal });
  const { result } = await context.done(operation);
  const hosts = result?.$case === "hosts" ? result.value.hosts : [];
  const without = hosts.filter((host) => host.nestedVirtualization !== Tristate.TRUE);
  for (const { name, remedy } of without)
    expect(remedy.length > 0, `CheckHosts, ${name}: expected a remedy, got none`);
  return without.map((host) => host.name);
}
