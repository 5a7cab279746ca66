import { expect, test } from "@jest/globals";
import { ProviderCallError, status } from "@virtrigaud/kit/client";
import { failureOf } from "./failure.ts";

const violation = (field: string, description: string) => ({ field, reason: "", description });

test.each([
  [
    { code: status.UNAVAILABLE, reason: "", message: "no answer" },
    { reason: "UNAVAILABLE", message: "no answer", passing: true, retryAfterMs: undefined },
  ],
  [
    { code: status.ABORTED, reason: "NAME_RACE", message: "lost a race", retryAfterMs: 250 },
    { reason: "NAME_RACE", message: "lost a race", passing: true, retryAfterMs: 250 },
  ],
  [
    { code: status.FAILED_PRECONDITION, reason: "NESTED_UNSUPPORTED", message: "no host can nest" },
    { reason: "NESTED_UNSUPPORTED", message: "no host can nest", passing: false, retryAfterMs: undefined },
  ],
  [
    {
      code: status.INVALID_ARGUMENT,
      reason: "INVALID_REQUEST",
      message: "2 violations: cpus must be positive",
      violations: [violation("spec.cpus", "cpus must be positive"), violation("spec.name", "name is empty")],
    },
    {
      reason: "INVALID_REQUEST",
      message: "2 violations: cpus must be positive; spec.name: name is empty",
      passing: false,
      retryAfterMs: undefined,
    },
  ],
])("%j", (failure, expected) => {
  expect(failureOf(new ProviderCallError({ rpc: "createVm", ...failure }))).toEqual(expected);
});
