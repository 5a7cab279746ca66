import { describe, expect, test } from "@jest/globals";
import { type Capability, Feature, featureToNumber, Support } from "@virtrigaud/proto";
import { about, host, inventory } from "../testing/sample-inventory.ts";
import { routes } from "../provider.ts";
import { capabilities } from "./capabilities.ts";
import type { Inventory } from "./inventory.ts";

const of = (more: Partial<Inventory> = {}, apiVersion = "8.0.2.0") =>
  capabilities(about(apiVersion), inventory(more));
const find = (list: Capability[], feature: Feature) => list.find((one) => one.feature === feature);

describe("the list", () => {
  const features = Object.values(Feature).filter(
    (feature) => feature !== Feature.UNSPECIFIED && feature !== Feature.UNRECOGNIZED,
  );

  test("has every feature of the contract once, by number", () => {
    expect(of().map(({ feature }) => feature)).toEqual(
      features.sort((a, b) => featureToNumber(a) - featureToNumber(b)),
    );
  });

  test("says how, or why not", () => {
    for (const { feature, support, mechanism, reason, observedVersion } of of()) {
      expect([Support.SUPPORTED, Support.UNSUPPORTED]).toContain(support);
      expect({ feature, says: support === Support.SUPPORTED ? mechanism : reason }).not.toEqual({
        feature,
        says: "",
      });
      expect(observedVersion).toBe("8.0.2.0");
    }
  });

  test("agrees with the RPCs that there are", () => {
    const implemented = routes(undefined as never);
    const rpcs: [Feature, keyof typeof implemented][] = [
      [Feature.HOST_CHECK, "checkHosts"],
      [Feature.PLAN, "planVm"],
      [Feature.ADOPT, "adoptVm"],
      [Feature.WATCH, "watchVMs"],
      [Feature.RECONFIGURE, "reconfigureVm"],
      [Feature.RECONFIGURE_LIVE, "reconfigureVm"],
      [Feature.DISK_GROW, "reconfigureVm"],
      [Feature.CLONE_FULL, "cloneVm"],
      [Feature.CLONE_LINKED, "cloneVm"],
      [Feature.SNAPSHOT, "createSnapshot"],
      [Feature.SNAPSHOT, "listSnapshots"],
      [Feature.SNAPSHOT, "revertSnapshot"],
      [Feature.SNAPSHOT, "deleteSnapshot"],
      [Feature.IMAGE_PREPARE, "prepareImage"],
      [Feature.NESTING_VERIFICATION, "verifyNesting"],
      [Feature.CONSOLE, "getConsole"],
      [Feature.POWER, "setPower"],
      [Feature.CANCEL_OPERATION, "cancelOperation"],
    ];
    for (const [feature, rpc] of rpcs) {
      const support = rpc in implemented ? Support.SUPPORTED : Support.UNSUPPORTED;
      expect({ feature, support: find(of(), feature)?.support }).toEqual({ feature, support });
    }
  });
});

const incapable = { nestedHVSupported: false };
const silent = { nestedHVSupported: undefined };
test.each<[string, Partial<Inventory>, string, Feature, Partial<Capability>]>([
  [
    "nesting where one host can",
    { hosts: [host(1, incapable), host(2)] },
    "8.0",
    Feature.NESTED_VIRTUALIZATION,
    { support: Support.SUPPORTED, mechanism: "config.nestedHVEnabled", reason: "", minimumVersion: "5.1" },
  ],
  [
    "nesting where the only host that can is away",
    { hosts: [host(1, incapable), host(2, { available: false })] },
    "8.0",
    Feature.NESTED_VIRTUALIZATION,
    {
      support: Support.UNSUPPORTED,
      reason: expect.stringMatching(/^no connected host can nest .*VT-x/) as unknown as string,
    },
  ],
  [
    "nesting where no host tells",
    { hosts: [host(1, silent), host(2, incapable)] },
    "8.0",
    Feature.NESTED_VIRTUALIZATION,
    {
      support: Support.UNKNOWN,
      reason: "no connected host tells whether it can nest; create a VM and verify it in the guest",
    },
  ],
  [
    "nesting without hosts",
    { hosts: [] },
    "8.0",
    Feature.NESTED_VIRTUALIZATION,
    { support: Support.UNKNOWN },
  ],
  [
    "VBS follows nesting",
    { hosts: [host(1, incapable)] },
    "8.0",
    Feature.VIRTUALIZATION_BASED_SECURITY,
    { support: Support.UNSUPPORTED },
  ],
  [
    "VBS before 6.7",
    {},
    "6.5",
    Feature.VIRTUALIZATION_BASED_SECURITY,
    {
      support: Support.UNSUPPORTED,
      reason: "needs vSphere API 6.7, this vCenter has 6.5",
      minimumVersion: "6.7",
      observedVersion: "6.5",
    },
  ],
  [
    "secure boot at 6.0",
    {},
    "6.0",
    Feature.SECURE_BOOT,
    { support: Support.UNSUPPORTED, reason: "needs vSphere API 6.5, this vCenter has 6.0" },
  ],
  ["nesting at 6.0", {}, "6.0", Feature.NESTED_VIRTUALIZATION, { support: Support.SUPPORTED }],
  ["TPM with a key provider", {}, "8.0", Feature.TPM, { support: Support.SUPPORTED }],
  [
    "TPM without",
    { hasKeyProvider: false },
    "8.0",
    Feature.TPM,
    {
      support: Support.UNSUPPORTED,
      reason: "vCenter has no key provider; add one under Configure > Key Providers",
    },
  ],
  [
    "TPM where nobody may look",
    { hasKeyProvider: undefined },
    "8.0",
    Feature.TPM,
    {
      support: Support.UNKNOWN,
      reason: "the key providers could not be read; the account needs Cryptographer.ReadKeyServersInfo",
    },
  ],
])("%s", (_, more, apiVersion, feature, expected) => {
  expect(find(of(more, apiVersion), feature)).toMatchObject(expected);
});
