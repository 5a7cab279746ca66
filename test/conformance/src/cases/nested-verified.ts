import { setTimeout } from "node:timers/promises";
import {
  Disk,
  Feature,
  NestedPolicy,
  type NestingVerification,
  PowerAction,
  Tristate,
} from "@virtrigaud/proto";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expect, expectEqual, expectPresent, Skip } from "../expect.ts";

export const nestedVerified: Case = {
  id: "nested-verified",
  title: "verified is what a proof in the guest says, and UNKNOWN with the reason without one",
  contract:
    "nested.proto, NestedVirtualizationStatus.verified: Only VerifyNesting, or the guest's own report, sets it to TRUE or FALSE.",
  needs: [Feature.POWER],
  async run(context) {
    const { fixture } = context;
    if (fixture.nested.expect === "refused") throw new Skip("the fixture expects nesting to be refused here");
    const uid = context.uid();
    const nestedVirtualization = { policy: NestedPolicy.REQUIRED };
    // A root disk without a size keeps the image's.
    const fromImage = { image: fixture.image, disks: [Disk.fromPartial({ name: "root" })] };
    const withImage = fixture.image && context.can(Feature.IMAGE) && fromImage;
    const made = await context.create(context.spec({ nestedVirtualization, ...withImage }), uid);
    expectEqual(made.nested?.verified, Tristate.UNKNOWN, "nested.verified before the VM ever ran");

    await context.power(uid, PowerAction.ON);
    if (context.can(Feature.NESTING_VERIFICATION)) await verify(context, uid);
    const nested = expectPresent((await context.find(uid))?.nested, "nested");
    expectEqual(nested.verified, fixture.nested.verified, "nested.verified");
    if (fixture.nested.reason) expectEqual(nested.reason, fixture.nested.reason, "nested.reason");
  },
};

/** A guest that has just been started cannot be asked yet: where a verdict is expected, the question is repeated until there is one. */
async function verify(context: CaseContext, uid: string): Promise<void> {
  const { fixture, signal } = context;
  const deadline = Date.now() + fixture.timeouts.operationMs;
  let proof = await takeProof(context, uid);
  while (proof.verdict === Tristate.UNKNOWN && proof.verdict !== fixture.nested.verified) {
    expect(
      Date.now() < deadline,
      `verdict of VerifyNesting: still UNKNOWN, ${proof.reason}: ${proof.message}`,
    );
    await setTimeout(500, undefined, { signal });
    proof = await takeProof(context, uid);
  }
  expectEqual(proof.verdict, fixture.nested.verified, "verdict of VerifyNesting");
  if (fixture.nested.reason) expectEqual(proof.reason, fixture.nested.reason, "reason of VerifyNesting");
}

async function takeProof(context: CaseContext, uid: string): Promise<NestingVerification> {
  const { provider, signal } = context;
  const { operation } = await provider.verifyNesting({ uid, guestCredentials: undefined }, { signal });
  const { result } = await context.done(operation);
  const proof = result?.$case === "nestingVerification" ? result.value : undefined;
  return expectPresent(proof, "nesting_verification in the operation's result");
}
