import { expect, test } from "@jest/globals";
import { Feature, Firmware, NestedPolicy, type VMSpec } from "@virtrigaud/proto";
import { type Part, spec } from "../testing/sample-vm.ts";
import { completeExample, firstClass } from "../testing/seed-specs.ts";
import { nestedAdvice } from "./advice.ts";

const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

test.each<[string, VMSpec, Feature[]]>([
  ["a VM that hosts none", spec(), []],
  ["the seed's complete example", completeExample(), []],
  [
    "the seed's first class",
    firstClass({ secureBoot: true }),
    [Feature.SECURE_BOOT, Feature.VIRTUALIZATION_BASED_SECURITY, Feature.MEMORY_RESERVATION],
  ],
  [
    "the least that nests",
    spec({ ...nested } satisfies Part<VMSpec>),
    [Feature.CPU, Feature.MEMORY, Feature.FIRMWARE_BIOS, Feature.MEMORY_RESERVATION, Feature.IOMMU],
  ],
  [
    "just enough",
    spec({
      ...nested,
      cpus: 4,
      memoryBytes: 8 * 1024 ** 3,
      firmware: Firmware.UEFI,
      iommu: true,
      memoryAllocation: { reservationBytes: 0 },
    }),
    [],
  ],
])("for %s", (_, asked, features) => {
  const advice = nestedAdvice(asked);
  expect(advice.map(({ feature }) => feature)).toEqual(features);
  for (const { message } of advice) expect(message).toMatch(/\w/);
});
