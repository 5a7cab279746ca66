import { describe, expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import { faultError } from "../errors.ts";
import { meanings } from "./fault-meanings.ts";
import { type Fault, faultMeaning, faultSentence } from "./faults.ts";

const fault = (faultType: string, more: Partial<Fault> = {}): Fault => ({
  faultType,
  message: "said so",
  detail: {},
  ...more,
});

test.each<[string, string, string]>([
  ["NoPermission", "FAILED_PRECONDITION", "HYPERVISOR_PERMISSION"],
  ["InvalidLogin", "FAILED_PRECONDITION", "HYPERVISOR_CREDENTIALS"],
  ["RestrictedVersion", "FAILED_PRECONDITION", "HYPERVISOR_LICENSE"],
  ["NotAuthenticated", "UNAVAILABLE", "HYPERVISOR_SESSION"],
  ["ManagedObjectNotFound", "NOT_FOUND", "NOT_FOUND"],
  ["DuplicateName", "ALREADY_EXISTS", "NAME_TAKEN"],
  ["FileAlreadyExists", "ALREADY_EXISTS", "NAME_TAKEN"],
  ["InvalidPowerState", "ABORTED", "POWER_STATE"],
  ["InvalidState", "ABORTED", "INVALID_STATE"],
  ["QuestionPending", "FAILED_PRECONDITION", "QUESTION_PENDING"],
  ["MethodDisabled", "FAILED_PRECONDITION", "VM_PROTECTED"],
  ["TaskInProgress", "ABORTED", "BUSY"],
  ["ConcurrentAccess", "ABORTED", "BUSY"],
  ["CpuHotPlugNotSupported", "FAILED_PRECONDITION", "CONFLICTING_OPTIONS"],
  ["MemoryHotPlugNotSupported", "FAILED_PRECONDITION", "CONFLICTING_OPTIONS"],
  ["InvalidDeviceSpec", "FAILED_PRECONDITION", "CONFIGURATION_REFUSED"],
  ["VirtualHardwareVersionNotSupported", "FAILED_PRECONDITION", "CONFIGURATION_REFUSED"],
  ["InvalidName", "INVALID_ARGUMENT", "INVALID_NAME"],
  ["InsufficientMemoryResourcesFault", "FAILED_PRECONDITION", "CAPACITY"],
  ["NoCompatibleHost", "FAILED_PRECONDITION", "CAPACITY"],
  ["NoDiskSpace", "RESOURCE_EXHAUSTED", "STORAGE_FULL"],
  ["HostNotConnected", "UNAVAILABLE", "HOST_UNREACHABLE"],
  ["ToolsUnavailable", "FAILED_PRECONDITION", "GUEST_AGENT_MISSING"],
  ["EncryptionKeyRequired", "FAILED_PRECONDITION", "KEY_PROVIDER_MISSING"],
  ["RequestCanceled", "CANCELLED", "CANCELLED"],
  ["Timedout", "UNAVAILABLE", "HYPERVISOR_TIMEOUT"],
  ["SomethingNew", "FAILED_PRECONDITION", "HYPERVISOR_FAULT"],
  ["constructor", "FAILED_PRECONDITION", "HYPERVISOR_FAULT"],
])("%s is %s %s", (faultType, code, reason) => {
  expect(faultMeaning(fault(faultType))).toMatchObject({ code, reason });
});

test("every meaning names a gRPC code, and says what to do", () => {
  for (const { code, reason, remedy } of meanings.values()) {
    expect(status[code]).toEqual(expect.any(Number));
    expect(reason).toMatch(/^[A-Z_]+$/);
    expect(remedy).not.toBe("");
  }
});

test.each<[Fault, string]>([
  [
    fault("NoPermission", { detail: { privilegeId: "VirtualMachine.Inventory.Create" } }),
    "creating VM a: NoPermission (privilege VirtualMachine.Inventory.Create): said so; give the provider's vCenter account the missing privilege",
  ],
  [
    fault("SomethingNew", { message: "" }),
    "creating VM a: SomethingNew: no further words; vCenter's own words are all there is to go by",
  ],
])("in one sentence: %j", (one, sentence) => {
  expect(faultSentence("creating VM a", one)).toBe(sentence);
});

describe("an error", () => {
  test.each<[string, number | undefined]>([
    ["TaskInProgress", 500],
    ["HostNotConnected", 500],
    ["NoPermission", undefined],
  ])("of %s is retried after %s ms", (faultType, retryAfterMs) => {
    expect(faultError("x", fault(faultType))).toMatchObject({ metadata: { fault: faultType }, retryAfterMs });
  });
});
