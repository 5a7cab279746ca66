import { expect, test } from "@jest/globals";
import { Feature, NestedVirtualizationStatus, PowerState, Tristate, VM } from "@virtrigaud/proto";
import { VirtualMachine } from "../../api/virtual-machine.ts";
import { proofWanted } from "./wanted.ts";

const vm = (when?: string) =>
  VirtualMachine.parse({
    apiVersion: "infra.virtrigaud.io/v1beta1",
    kind: "VirtualMachine",
    metadata: {
      name: "web",
      annotations: when === undefined ? {} : { "virtrigaud.io/verify-nesting": when },
    },
    spec: { providerRef: { name: "p" }, classRef: { name: "c" }, imageRef: { name: "i" } },
  });
const found = (nested: Partial<NestedVirtualizationStatus> = {}, powerState = PowerState.ON) =>
  VM.create({
    powerState,
    nested: {
      requested: Tristate.TRUE,
      verified: Tristate.UNKNOWN,
      reason: "NOT_YET_VERIFIED",
      ...nested,
    },
  });
const TAKES_PROOFS = new Set([Feature.NESTING_VERIFICATION]);

test.each<[string, VirtualMachine, VM | undefined, ReadonlySet<Feature>, boolean]>([
  ["of a running VM that asks for nesting", vm(), found(), TAKES_PROOFS, true],
  ["when the annotation says first-boot", vm("first-boot"), found(), TAKES_PROOFS, true],
  ["when the annotation says on-demand", vm("on-demand"), found(), TAKES_PROOFS, false],
  ["when the annotation says off", vm("off"), found(), TAKES_PROOFS, false],
  ["of a provider that takes none", vm(), found(), new Set(), false],
  ["of a VM that is off", vm(), found({}, PowerState.OFF), TAKES_PROOFS, false],
  ["of a VM that was not read", vm(), undefined, TAKES_PROOFS, false],
  ["of a VM that does not ask", vm(), found({ requested: Tristate.FALSE }), TAKES_PROOFS, false],
  ["of an adopted VM", vm(), found({ requested: Tristate.UNKNOWN }), TAKES_PROOFS, false],
  ["that was taken", vm(), found({ verified: Tristate.TRUE }), TAKES_PROOFS, false],
  ["that was taken and failed", vm(), found({ verified: Tristate.FALSE }), TAKES_PROOFS, true],
  ["where nothing runs", vm(), found({ reason: "SIMULATED" }), TAKES_PROOFS, false],
])("a proof %s: wanted %s", (_, declared, observed, features, expected) => {
  expect(proofWanted(declared, observed, features)).toBe(expected);
});
