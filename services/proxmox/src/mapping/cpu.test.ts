import { describe, expect, test } from "@jest/globals";
import { CpuVendor, NestedPolicy } from "@virtrigaud/proto";
import { cpu } from "./cpu.ts";
import { bestModel } from "./cpu-models.ts";
import type { Node } from "./inventory.ts";
import { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { amd, intel, older, skylake, withoutVtx } from "./testing/sample-nodes.ts";
import { settings, spec } from "./testing/sample-plan.ts";
import type { Parameters } from "./vm-config.ts";

const { REQUIRED, DISABLED, UNSPECIFIED } = NestedPolicy;
const virtual = (node: Node): Node => ({
  ...node,
  cpuFlags: new Set([...(node.cpuFlags ?? []), "hypervisor"]),
});
const untold = (node: Node): Node => ({ ...node, cpuFlags: undefined });

interface Case {
  policy: NestedPolicy;
  node: Node;
  /** Of the cluster; the node alone where it is left out. */
  nodes?: Node[];
  settings?: Partial<Settings>;
  isClone?: boolean;
  vbs?: boolean;
  becomes: Parameters;
}

const choose = ({
  policy,
  node,
  nodes = [node],
  isClone = false,
  vbs = false,
  ...more
}: Omit<Case, "becomes">) => {
  const problems = new Problems();
  const asked = spec({
    nestedVirtualization: { policy },
    ...(vbs ? { virtualizationBasedSecurity: true } : {}),
  });
  const scope = { node, nodes, settings: { ...settings, ...more.settings }, isClone };
  return { parameters: cpu(asked, scope, problems), violations: problems.violations };
};

const host = { cpuModel: "host" };
const tcg = { accel: "tcg" } as const;

describe("the CPU", () => {
  test.each<[string, Case]>([
    [
      "required on Ice Lake",
      { policy: REQUIRED, node: intel(), becomes: { cpu: "Icelake-Server-noTSX,flags=+nested-virt" } },
    ],
    [
      "required on Skylake",
      { policy: REQUIRED, node: skylake(), becomes: { cpu: "Skylake-Server-noTSX-IBRS,flags=+nested-virt" } },
    ],
    [
      "required on Milan",
      { policy: REQUIRED, node: amd(), becomes: { cpu: "EPYC-Milan,flags=+nested-virt" } },
    ],
    [
      "required where an older node of the vendor may have to start it",
      {
        policy: REQUIRED,
        node: intel(),
        nodes: [intel(), skylake(), amd()],
        becomes: { cpu: "Skylake-Server-noTSX-IBRS,flags=+nested-virt" },
      },
    ],
    [
      "required beside an older node that is off or cannot nest",
      {
        policy: REQUIRED,
        node: intel(),
        nodes: [intel(), skylake({ online: false }), skylake({ nestedVirt: false })],
        becomes: { cpu: "Icelake-Server-noTSX,flags=+nested-virt" },
      },
    ],
    [
      "required beside a node that does not tell its flags",
      {
        policy: REQUIRED,
        node: intel(),
        nodes: [intel(), untold(skylake())],
        becomes: { cpu: "host,flags=+nested-virt" },
      },
    ],
    [
      "required on a node that does not tell its flags",
      { policy: REQUIRED, node: untold(intel()), becomes: { cpu: "host,flags=+nested-virt" } },
    ],
    [
      "required on a node that is a VM",
      { policy: REQUIRED, node: virtual(intel()), becomes: { cpu: "host,flags=+nested-virt" } },
    ],
    ["required on 8.4", { policy: REQUIRED, node: older("8.4.5"), becomes: { cpu: "host" } }],
    [
      "required, the operator prefers host",
      { policy: REQUIRED, node: intel(), settings: host, becomes: { cpu: "host,flags=+nested-virt" } },
    ],
    [
      "required, the operator names a model",
      {
        policy: REQUIRED,
        node: intel(),
        settings: { cpuModel: "Haswell-noTSX" },
        becomes: { cpu: "Haswell-noTSX,flags=+nested-virt" },
      },
    ],
    [
      "required, root wrote a model for it before 9.1",
      {
        policy: REQUIRED,
        node: older("7.4-16"),
        settings: { cpuModel: "custom-nested" },
        becomes: { cpu: "custom-nested" },
      },
    ],
    [
      "required by emulation",
      {
        policy: REQUIRED,
        node: withoutVtx(),
        settings: tcg,
        becomes: { cpu: "max,flags=+nested-virt", kvm: 0 },
      },
    ],
    [
      "required by emulation on 6.4",
      { policy: REQUIRED, node: older("6.4-15"), settings: tcg, becomes: { cpu: "max", kvm: 0 } },
    ],
    [
      "required in a clone",
      {
        policy: REQUIRED,
        node: intel(),
        isClone: true,
        becomes: { cpu: "Icelake-Server-noTSX,flags=+nested-virt" },
      },
    ],
    [
      "required with VBS on AMD",
      {
        policy: REQUIRED,
        node: amd(),
        vbs: true,
        becomes: { cpu: "EPYC-Milan,flags=+nested-virt;+hv-tlbflush" },
      },
    ],
    ["disabled", { policy: DISABLED, node: intel(), becomes: { cpu: "x86-64-v2-AES,flags=-nested-virt" } }],
    [
      "disabled in a clone",
      {
        policy: DISABLED,
        node: intel(),
        isClone: true,
        becomes: { cpu: "x86-64-v2-AES,flags=-nested-virt" },
      },
    ],
    ["disabled on 8.4", { policy: DISABLED, node: older("8.4.5"), becomes: { cpu: "x86-64-v2-AES" } }],
    ["disabled on 7.4", { policy: DISABLED, node: older("7.4-16"), becomes: { cpu: "kvm64" } }],
    [
      "disabled, the operator prefers host",
      { policy: DISABLED, node: intel(), settings: host, becomes: { cpu: "host,flags=-nested-virt" } },
    ],
    [
      "disabled, host cannot hide it before 9.1",
      { policy: DISABLED, node: older("8.4.5"), settings: host, becomes: { cpu: "x86-64-v2-AES" } },
    ],
    [
      "disabled by emulation",
      {
        policy: DISABLED,
        node: intel(),
        settings: tcg,
        becomes: { cpu: "kvm64,flags=-nested-virt", kvm: 0 },
      },
    ],
    ["unspecified", { policy: UNSPECIFIED, node: intel(), becomes: { cpu: "x86-64-v2-AES" } }],
    [
      "unspecified on a CPU without AES",
      { policy: UNSPECIFIED, node: intel({ cpuFlags: new Set(["vmx"]) }), becomes: { cpu: "kvm64" } },
    ],
    [
      "unspecified, the operator prefers host",
      { policy: UNSPECIFIED, node: intel(), settings: host, becomes: { cpu: "host" } },
    ],
    [
      "unspecified in a clone: the template's",
      { policy: UNSPECIFIED, node: intel(), isClone: true, becomes: {} },
    ],
    [
      "unspecified in a clone by emulation",
      { policy: UNSPECIFIED, node: intel(), isClone: true, settings: tcg, becomes: { kvm: 0 } },
    ],
  ])("%s", (_, { becomes, ...asked }) => {
    expect(choose(asked)).toEqual({ parameters: becomes, violations: [] });
  });

  test.each<[string, Omit<Case, "becomes" | "policy">, RegExp]>([
    [
      "a node that says no",
      { node: intel({ nestedVirt: false }) },
      /^node pve1 cannot give nested virtualization \(.*not supported on pve1.*options kvm-intel nested=1/,
    ],
    [
      "an old node without the CPU's feature",
      { node: older("7.4-16", withoutVtx({ nestedVirt: undefined })) },
      /Intel VT-x in the firmware setup of pve1/,
    ],
    [
      "an x86-64-vN of the operator's",
      { node: intel(), settings: { cpuModel: "x86-64-v3" } },
      /CPU model x86-64-v3 never shows vmx or svm.*cpuModel to host/,
    ],
    [
      "a kvm64 of the operator's",
      { node: intel(), settings: { cpuModel: "kvm64" } },
      /CPU model kvm64 never shows/,
    ],
    [
      "a vendor's model before 9.1",
      { node: older("8.4.5"), settings: { cpuModel: "EPYC-Milan" } },
      /CPU model EPYC-Milan nests from Proxmox VE 9.1 on, node pve1 has 8.4.5/,
    ],
    [
      "a CPU of no known vendor",
      { node: older("8.4.5", intel({ cpuVendor: CpuVendor.OTHER })) },
      /use a node with an Intel/,
    ],
  ])("required is refused on %s", (_, asked, text) => {
    const { parameters, violations } = choose({ ...asked, policy: REQUIRED });
    expect(parameters).toEqual({});
    expect(violations).toEqual([
      {
        field: "spec.nested_virtualization",
        reason: "NESTED_UNSUPPORTED",
        description: expect.stringMatching(text),
      },
    ]);
  });
});

test("the best model is one that every node has", () => {
  const flags = (list: string) => ({ cpuFlags: new Set(list.split(" ")) });
  expect(bestModel(CpuVendor.INTEL, [])).toBeUndefined();
  expect(bestModel(CpuVendor.OTHER, [flags("avx2")])).toBeUndefined();
  expect(bestModel(CpuVendor.AMD, [intel()])).toBeUndefined();
  const nehalem = "sse4_1 sse4_2 ssse3 cx16 popcnt nx lahf_lm";
  expect(bestModel(CpuVendor.INTEL, [flags(nehalem)])).toBe("Nehalem");
  // A gap is not jumped over.
  expect(
    bestModel(CpuVendor.INTEL, [flags(`${nehalem} avx xsave xsaveopt tsc_deadline_timer x2apic rdtscp`)]),
  ).toBe("Nehalem");
});
