import { expect, test } from "@jest/globals";
import { Tristate } from "@virtrigaud/proto";
import { nextProof } from "./schedule.ts";

const MINUTE = 60_000;
const RARELY = { afterMs: 60 * MINUTE, soon: false };
const soon = (afterMs: number) => ({ afterMs, soon: true });

test.each([
  [Tristate.UNKNOWN, "NO_GUEST_ACCESS", 1, 0, soon(1_000)],
  [Tristate.UNKNOWN, "NO_GUEST_ACCESS", 2, 1_000, soon(2_000)],
  [Tristate.UNKNOWN, "NO_GUEST_ACCESS", 5, 11_000, soon(8_000)],
  [Tristate.UNKNOWN, "NO_GUEST_ACCESS", 8, 52_000, soon(30_000)],
  [Tristate.UNKNOWN, "UNAVAILABLE", 20, 10 * MINUTE - 1, soon(30_000)],
  [Tristate.UNKNOWN, "NO_GUEST_ACCESS", 21, 10 * MINUTE, RARELY],
  [Tristate.UNKNOWN, "NO_GUEST_ACCESS", 1, 10 * MINUTE, RARELY],
  [Tristate.FALSE, "GUEST_LACKS_CPU_FEATURE", 1, 0, RARELY],
  [Tristate.TRUE, "VERIFIED", 1, 0, RARELY],
  [Tristate.UNKNOWN, "SIMULATED", 1, 0, { afterMs: undefined, soon: false }],
  [Tristate.UNKNOWN, "UNIMPLEMENTED", 1, 0, { afterMs: undefined, soon: false }],
])("%s %s, attempt %d, %d ms after the first", (verdict, reason, attempts, sinceFirstMs, expected) => {
  expect(nextProof({ verdict, reason, message: "" }, attempts, sinceFirstMs)).toEqual(expected);
});
