import { expect, test } from "@jest/globals";
import { codeName } from "@virtrigaud/kit/client";
import { ProviderError } from "@virtrigaud/kit";
import { VimFault, VimInvalidLogin, VimProtocolError, VimTlsError, VimUnreachable } from "./client/errors.ts";
import { attempt, providerError } from "./errors.ts";

const fault = new VimFault("CreateVM_Task", { faultType: "NoDiskSpace", faultString: "full", detail: {} });

test.each<[Error, string, string, boolean]>([
  [
    new VimUnreachable("CreateVM_Task at vc: ECONNREFUSED", { requestSent: "no" }),
    "UNAVAILABLE",
    "HYPERVISOR_UNREACHABLE",
    true,
  ],
  [
    new VimProtocolError("CreateVM_Task: the answer is cut off"),
    "UNAVAILABLE",
    "HYPERVISOR_UNREACHABLE",
    true,
  ],
  [new VimTlsError("vc: CERT_HAS_EXPIRED"), "UNAVAILABLE", "HYPERVISOR_CERTIFICATE", false],
  [new VimInvalidLogin("the server refuses", 0), "FAILED_PRECONDITION", "HYPERVISOR_CREDENTIALS", false],
  [fault, "RESOURCE_EXHAUSTED", "STORAGE_FULL", false],
])("%s is %s %s", async (cause, code, reason, isRetryable) => {
  const error = await attempt("creating VM a", () => Promise.reject(cause)).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) throw error;
  expect([codeName(error.code), error.reason]).toEqual([code, reason]);
  expect(error.message).toMatch(/^creating VM a: /);
  expect(error.cause).toBe(cause);
  expect(error.retryAfterMs !== undefined).toBe(isRetryable);
});

test("what is no error of vCenter's stays as it is", () => {
  const defect = new TypeError("x is undefined");
  expect(providerError("creating VM a", defect)).toBe(defect);
});
