import { describe, expect, test } from "@jest/globals";
import { faultMeaning, faultSentence } from "./faults.ts";
import { undefineFlags } from "./undefine.ts";

describe("libvirt's errors", () => {
  test.each<[string, number, string, string, string]>([
    ["NO_DOMAIN", 42, "Domain not found", "NOT_FOUND", "NOT_FOUND"],
    ["NO_STORAGE_VOL", 50, "", "NOT_FOUND", "NOT_FOUND"],
    ["STORAGE_VOL_EXIST", 90, "", "ALREADY_EXISTS", "NAME_TAKEN"],
    [
      "OPERATION_FAILED of a name",
      9,
      "operation failed: domain 'a' already exists with uuid 1",
      "ALREADY_EXISTS",
      "NAME_TAKEN",
    ],
    [
      "OPERATION_FAILED of anything else",
      9,
      "operation failed: disk",
      "FAILED_PRECONDITION",
      "HYPERVISOR_FAULT",
    ],
    ["CPU_INCOMPATIBLE", 91, "", "FAILED_PRECONDITION", "NESTED_UNSUPPORTED"],
    ["OPERATION_INVALID", 55, "", "ABORTED", "INVALID_STATE"],
    ["CONFIG_UNSUPPORTED", 67, "", "FAILED_PRECONDITION", "CONFIGURATION_REFUSED"],
    ["OPERATION_UNSUPPORTED", 84, "", "UNIMPLEMENTED", "HYPERVISOR_VERSION"],
    ["AGENT_UNRESPONSIVE", 86, "", "FAILED_PRECONDITION", "GUEST_AGENT_MISSING"],
    ["ACCESS_DENIED", 88, "", "FAILED_PRECONDITION", "HYPERVISOR_PERMISSION"],
    [
      "INTERNAL_ERROR of a full disk",
      1,
      "qemu-img: No space left on device",
      "RESOURCE_EXHAUSTED",
      "STORAGE_FULL",
    ],
    ["INTERNAL_ERROR", 1, "internal error", "FAILED_PRECONDITION", "HYPERVISOR_FAULT"],
    ["a number of the future", 999, "", "FAILED_PRECONDITION", "HYPERVISOR_FAULT"],
  ])("%s", (_, code, message, expected, reason) => {
    expect(faultMeaning({ code, domain: 10, message })).toMatchObject({ code: expected, reason });
  });

  test("are told with what was done and what to do", () => {
    expect(faultSentence("defining VM a", { code: 88, domain: 10, message: "access denied" })).toBe(
      "defining VM a: libvirt error 88: access denied; the provider's account may not do this: use a read-write connection and allow it in polkit (group libvirt)",
    );
  });
});

test.each([
  [1_002_013, 7],
  [5_006_000, 23],
  [8_008_000, 23],
  [8_009_000, 55],
])("undefine flags of libvirt %d", (version, flags) => {
  expect(undefineFlags(version)).toBe(flags);
});
