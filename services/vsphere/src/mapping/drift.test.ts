import { describe, expect, test } from "@jest/globals";
import { stamp, stored } from "../testing/sample-vm.ts";
import type { VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../vim/types.ts";
import { correction } from "./drift.ts";

const versioned = (change: object) => ({ changeVersion: "2024-01-01T00:00:00Z", ...change });

describe("the correction of", () => {
  test.each<[string, VirtualMachineConfigSpec, Partial<VirtualMachineConfigInfo>, object | undefined]>([
    ["nothing", {}, {}, undefined],
    [
      "what is as wanted",
      { numCPUs: 2, memoryMB: 4096, nestedHVEnabled: false, flags: { htSharing: "any" } },
      {},
      undefined,
    ],
    ["CPUs", { numCPUs: 4, memoryMB: 4096 }, {}, { numCPUs: 4 }],
    ["memory", { memoryMB: 8192 }, {}, { memoryMB: 8192 }],
    ["nesting", { nestedHVEnabled: true }, {}, { nestedHVEnabled: true }],
    [
      "what the server does not report",
      { nestedHVEnabled: false },
      { nestedHVEnabled: undefined as never },
      { nestedHVEnabled: false },
    ],
    [
      "one flag: all that are wanted",
      { flags: { htSharing: "any", vvtdEnabled: true } },
      {},
      { flags: { htSharing: "any", vvtdEnabled: true } },
    ],
    [
      "shares: with their level",
      { cpuAllocation: { shares: { shares: 500, level: "custom" } } },
      {},
      { cpuAllocation: { shares: { shares: 500, level: "custom" } } },
    ],
    ["a reservation beside vCenter's own values", { memoryAllocation: { reservation: 0 } }, {}, undefined],
    ["the name", { name: "other" }, {}, { name: "other" }],
    ["the owner's uuid", { instanceUuid: "x" }, {}, { instanceUuid: "x" }],
    [
      "a marker that is gone",
      { extraConfig: [...stamp] },
      { extraConfig: stamp.slice(1) },
      { extraConfig: [stamp[0]] },
    ],
    [
      "user-data that differs",
      { extraConfig: [{ key: "guestinfo.userdata", value: "b" }] },
      { extraConfig: [{ key: "guestinfo.userdata", value: "a" }] },
      { extraConfig: [{ key: "guestinfo.userdata", value: "b" }] },
    ],
    [
      "an option that someone changed",
      { extraConfig: [{ key: "my.key", value: "1" }] },
      { extraConfig: [{ key: "my.key", value: "2" }] },
      { extraConfig: [{ key: "my.key", value: "1" }] },
    ],
    // vCenter keeps such a key as a typed field and never lists it: looking for it would never end.
    [
      "an option that vCenter keeps elsewhere",
      { extraConfig: [{ key: "vhv.enable", value: "TRUE" }] },
      {},
      undefined,
    ],
    [
      "an option that shall not be and is not",
      { extraConfig: [{ key: "virtrigaud.controller", value: "" }] },
      { extraConfig: [] },
      undefined,
    ],
    [
      "an option that shall not be and is",
      { extraConfig: [{ key: "my.key", value: "" }] },
      { extraConfig: [{ key: "my.key", value: "2" }] },
      { extraConfig: [{ key: "my.key", value: "" }] },
    ],
  ])("%s", (_, wanted, held, change) => {
    expect(correction(wanted, stored(held), [])).toEqual(change && versioned(change));
  });

  test("devices", () => {
    const deviceChange = [{ operation: "add" as const, device: { $type: "VirtualTPM" as const, key: -400 } }];
    expect(correction({}, stored(), deviceChange)).toEqual(versioned({ deviceChange }));
  });
});
