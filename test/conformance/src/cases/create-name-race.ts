import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { describe, errorOf, expect, expectEqual } from "../expect.ts";

const racers = 8;

export const createNameRace: Case = {
  id: "create-name-race",
  title: "Of eight callers who race for a name one gets it and the others are told NAME_TAKEN",
  contract: "spec.proto, VMSpec.name: It is the lock between racing callers.",
  needs: [],
  async run(context) {
    const spec = context.spec();
    const calls = Array.from({ length: racers }, () => errorOf(context.create(spec)));
    const errors = (await Promise.all(calls)).filter((error) => error !== undefined);
    for (const error of errors) {
      const told = error.code === status.ALREADY_EXISTS && error.reason === "NAME_TAKEN";
      expect(told, `a loser: expected ALREADY_EXISTS NAME_TAKEN, got ${describe(error)}`);
    }
    expectEqual(errors.length, racers - 1, "losers");
    expectEqual((await context.named(spec.name)).length, 1, `VMs named ${spec.name}`);
  },
};
