import { beforeAll, describe, expect, test } from "@jest/globals";
import { expectations } from "./testing/expectations.ts";
import { referenceData } from "./testing/reference.ts";
import { type Comparison, type Exchange, replay } from "./testing/transcript.ts";

/** Recorded exchanges that cannot be answered the same way, and why. */
const different: Readonly<Record<string, string>> = {
  "resources after create": "statistics had another rhythm, and remembered the name of a deleted VM",
  "resources running": "statistics had another rhythm",
  "template: task log": "the recorded machine lacked chattr",
  "status running": "the recorded QEMU was not PVE's and did not answer all of its questions",
  "status suspended": "the recorded QEMU was not PVE's and did not answer all of its questions",
  "node tasks": "lists tasks of requests outside the record",
  "cluster tasks": "lists tasks of requests outside the record",
  "agent info": "lists the commands of the recorded guest's agent",
};

function replayed(exchanges: readonly Exchange[]): void {
  let comparisons: readonly Comparison[] = [];
  beforeAll(async () => {
    comparisons = await replay(exchanges);
  }, 60_000);

  test.each(exchanges.map(({ name }, index) => [index, name] as const))("#%i %s", (index, name) => {
    const { recorded, simulated } = comparisons[index] as Comparison;
    if (name in different) expect(simulated).not.toEqual(recorded);
    else expect(simulated).toEqual(recorded);
  });
}

describe("exchanges written by hand from PVE's source", () => replayed(expectations));

const record = referenceData("pve-transcript.json") as
  | { readonly exchanges: readonly Exchange[] }
  | undefined;
if (record !== undefined) describe("exchanges with the real PVE 9.2", () => replayed(record.exchanges));
