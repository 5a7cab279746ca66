import { describe, expect, test } from "@jest/globals";
import { Feature, NestedPolicy, Outcome, PowerState, Tristate, View, VMSpec } from "@virtrigaud/proto";
import type { FoundDomain } from "./found-domain.ts";
import { configured } from "./nested-status.ts";
import { observe } from "./observation.ts";
import { effectiveSpec, type PlanInput } from "./plan.ts";
import { Problems } from "./problems.ts";
import { goldenCases } from "./testing/golden-cases.ts";
import { rowSpecs } from "./testing/row-specs.ts";
import { amd, intel, intelFlat, tcg } from "./testing/sample-hosts.ts";
import { completeExample, marker, type Part, plan, spec, ubuntu, uid } from "./testing/sample-plan.ts";
import { testdata } from "./testing/testdata.ts";
import { verificationElement } from "./verification.ts";
import { type Element, parseXml } from "./xml.ts";

const settings = { storageClasses: {}, cpuMode: "host-model" as const };
const stored = parseXml(testdata("stored-libvirt9.xml"));
const live = parseXml(testdata("live-libvirt9.xml"));
const found = (init: Partial<FoundDomain> = {}): FoundDomain => ({
  stored,
  live: undefined,
  state: 5,
  hasManagedSave: false,
  volumes: [],
  stats: new Map(),
  interfaces: [],
  ...init,
});
const see = (init: Partial<FoundDomain> = {}, host = tcg()) =>
  observe(found(init), { host, settings }, View.FULL);

describe("a domain as libvirt 9.0 describes it", () => {
  test("running", () => {
    const vm = see({
      live,
      state: 1,
      stats: new Map([
        ["cpu.time", 1_070_000_000],
        ["balloon.rss", 73_780],
        ["block.0.rd.bytes", 10],
        ["block.1.rd.bytes", 5],
        ["net.0.tx.bytes", 7],
      ]),
      interfaces: [
        { name: "lo", mac: "00:00:00:00:00:00", addresses: ["127.0.0.1"] },
        { name: "br0", mac: "52:54:00:AB:CD:01", addresses: ["fe80::1", "192.0.2.10"] },
        { name: "", mac: "52:54:00:ab:cd:01", addresses: ["192.0.2.10", "192.0.2.11"] },
      ],
    });
    const { nested, spec: _, appliedCapabilities: __, ...rest } = vm;
    expect(rest).toEqual({
      id: uid,
      name: "nested-1",
      owner: { uid, specFingerprint: "f".repeat(64), controllerId: "lab" },
      powerState: PowerState.ON,
      host: "debian-12",
      guestInterfaces: [
        {
          name: "br0",
          macAddress: "52:54:00:ab:cd:01",
          ipAddresses: ["192.0.2.10", "192.0.2.11", "fe80::1"],
        },
      ],
      guestAgent: Tristate.FALSE,
      restartRequired: false,
      restartRequiredReasons: [],
      usage: {
        cpuSeconds: 1.07,
        memoryBytes: 73_780 * 1024,
        diskReadBytes: 15,
        diskWriteBytes: 0,
        networkReceiveBytes: 0,
        networkTransmitBytes: 7,
      },
      createTime: undefined,
    });
    expect(nested).toEqual({
      requested: Tristate.TRUE,
      hostCapable: Tristate.TRUE,
      configured: Tristate.TRUE,
      verified: Tristate.UNKNOWN,
      cpuFeature: "svm",
      mechanism: "domain/cpu/feature",
      level: 2,
      reason: "NOT_YET_VERIFIED",
      message: "configured; not yet proven inside the guest",
      evidence: [
        "host debian-12: domain capabilities (tcg, pc-q35-7.2): host-model EPYC, vendor AMD",
        "host debian-12: host-model lists svm=not listed",
        "host debian-12: expanded CPU features: svm required",
        "live domain: cpu mode=custom, svm=require",
      ],
      verifiedAt: undefined,
    });
  });

  test("its spec is what was asked, its knobs what it holds", () => {
    const vm = see();
    expect(vm.spec).toEqual({
      ...spec({
        name: "nested-1",
        cpus: 1,
        memoryBytes: 256 * 1024 ** 2,
        cpuHotAdd: true,
        memoryHotAdd: true,
        iommu: true,
        nestedVirtualization: { policy: NestedPolicy.REQUIRED },
        tags: ["lab"],
      }),
      firmware: VMSpec.fromJSON({ firmware: "FIRMWARE_UEFI" }).firmware,
    });
    expect(vm.appliedCapabilities.map(({ feature, observedValue }) => [feature, observedValue])).toEqual([
      [Feature.CPU, "1"],
      [Feature.MEMORY, "262144 KiB"],
      [Feature.FIRMWARE_UEFI, "efi"],
      [Feature.CPU_HOT_ADD, "max=4"],
      [Feature.MEMORY_HOT_ADD, "1048576 KiB"],
      [Feature.NESTED_VIRTUALIZATION, "svm=require"],
      [Feature.IOMMU, "intel, intremap=on"],
      [Feature.TAGS, "lab"],
    ]);
  });

  test.each<[number, boolean, PowerState]>([
    [0, false, PowerState.UNKNOWN],
    [1, false, PowerState.ON],
    [2, false, PowerState.ON],
    [3, false, PowerState.PAUSED],
    [4, false, PowerState.ON],
    [5, false, PowerState.OFF],
    [5, true, PowerState.SUSPENDED],
    [6, false, PowerState.PAUSED],
    [7, false, PowerState.PAUSED],
  ])("state %d, managed save %s", (state, hasManagedSave, powerState) => {
    expect(see({ state, hasManagedSave }).powerState).toBe(powerState);
  });

  test("a state that libvirt does not have is not guessed at", () => {
    expect(() => see({ state: 8 })).toThrow("unknown domain state 8");
  });

  test.each<[string, string, Tristate]>([
    ["connected", "state='connected'", Tristate.TRUE],
    ["disconnected", "state='disconnected'", Tristate.FALSE],
    ["not told", "", Tristate.UNKNOWN],
  ])("agent %s", (_, attribute, answer) => {
    const text = testdata("live-libvirt9.xml").replace("state='disconnected'", attribute);
    expect(see({ live: parseXml(text), state: 1 }).guestAgent).toBe(answer);
  });

  test("a stored change that does not run yet needs a restart", () => {
    const text = testdata("stored-libvirt9.xml")
      .replace("name='svm'", "name='svm' x='1'")
      .replace("policy='require'", "policy='disable'");
    const vm = see({ stored: parseXml(text.replace("current='1'>4", "current='2'>4")), live, state: 1 });
    expect(vm.restartRequired).toBe(true);
    expect(vm.restartRequiredReasons).toEqual([
      "cpu 2 is stored, 1 runs; power the VM off and on",
      "nestedVirtualization svm=disable is stored, svm=require runs; power the VM off and on",
    ]);
  });
});

describe("nested virtualization as configured", () => {
  const cpu = (inner: string) => parseXml(`<domain>${inner}</domain>`);
  test.each<[string, string, Tristate]>([
    ["required", "<cpu mode='host-model'><feature policy='require' name='vmx'/></cpu>", Tristate.TRUE],
    ["forced", "<cpu mode='custom'><feature policy='force' name='svm'/></cpu>", Tristate.TRUE],
    ["disabled", "<cpu mode='host-model'><feature policy='disable' name='vmx'/></cpu>", Tristate.FALSE],
    ["forbidden", "<cpu mode='custom'><feature policy='forbid' name='svm'/></cpu>", Tristate.FALSE],
    ["optional", "<cpu mode='custom'><feature policy='optional' name='svm'/></cpu>", Tristate.FALSE],
    ["the host's CPU as it is", "<cpu mode='host-passthrough'/>", Tristate.UNKNOWN],
    ["a model whose name may hold it", "<cpu mode='custom'><model>EPYC</model></cpu>", Tristate.UNKNOWN],
    ["no CPU", "", Tristate.UNKNOWN],
  ])("%s", (_, inner, answer) => {
    expect(configured(cpu(inner)).answer).toBe(answer);
  });

  test.each<[string, Part<VMSpec> | undefined, ReturnType<typeof tcg>, string]>([
    ["nobody asked", {}, intel(), "NOT_REQUESTED"],
    ["adopted without a request", undefined, intel(), "NOT_REQUESTED"],
    [
      "the host cannot any more",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      intelFlat(),
      "HOST_INCAPABLE",
    ],
    [
      "the host does not tell",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      amd({ cpuFeatures: undefined }),
      "HOST_CAPABILITY_UNKNOWN",
    ],
    ["all is well", { virtualizationBasedSecurity: true }, intel(), "NOT_YET_VERIFIED"],
  ])("%s", (_, asked, host, reason) => {
    const canonicalSpec = asked === undefined ? "" : JSON.stringify(VMSpec.toJSON(spec(asked)));
    const holder = host.name === "kvm-2" ? amd() : intel();
    const { domain } = plan(asked ?? {}, { host: holder, marker: { ...marker, canonicalSpec } });
    expect(see({ stored: domain }, host).nested?.reason).toBe(reason);
  });

  test("a proof holds for the spec that it was taken of", () => {
    const proof = {
      verdict: Tristate.TRUE,
      reason: "VERIFIED",
      message: "an inner VM ran",
      evidence: ["/dev/kvm: character device 10,232", "<svm> & co"],
      verifiedAt: new Date("2025-01-02T03:04:05.000Z"),
    };
    const stamped = (fingerprint: string): Element => ({
      ...stored,
      children: stored.children.map((child) =>
        child.name === "metadata"
          ? { ...child, children: [...child.children, verificationElement(proof, fingerprint)] }
          : child,
      ),
    });
    expect(see({ stored: stamped("f".repeat(64)) }).nested).toMatchObject({
      verified: Tristate.TRUE,
      reason: "VERIFIED",
      message: "an inner VM ran",
      verifiedAt: proof.verifiedAt,
    });
    expect(see({ stored: stamped("f".repeat(64)) }).nested?.evidence.slice(-2)).toEqual(proof.evidence);
    expect(see({ stored: stamped("e".repeat(64)) }).nested?.verified).toBe(Tristate.UNKNOWN);
  });
});

describe("what is planned reads back as what was asked", () => {
  const readBack = (asked: Part<VMSpec>, more: Partial<PlanInput> = {}) => {
    const { cloudInit: _, ...kept } = spec(asked);
    const canonicalSpec = JSON.stringify(VMSpec.toJSON(VMSpec.fromPartial(kept)));
    const host = more.host ?? intel();
    const planned = plan(asked, { ...more, marker: { ...marker, canonicalSpec } });
    expect(planned.violations).toEqual([]);
    const vm = see(
      { stored: parseXml(planned.plan?.domainXml ?? ""), volumes: planned.plan?.volumes ?? [] },
      host,
    );
    return { planned, vm };
  };

  test.each(Object.entries(rowSpecs))("%s", (_, asked) => {
    const { planned, vm } = readBack(asked);
    const { cloudInit: __, ...expected } = effectiveSpec(spec(asked), intel(), new Problems()).spec;
    const { cpuAllocation: ___, memoryAllocation: ____, ...rest } = expected;
    // Without a firmware the domain has SeaBIOS, and without a nested policy the hypervisor's default.
    expect(vm.spec).toMatchObject(
      JSON.parse(
        JSON.stringify({
          ...rest,
          firmware: /UEFI/.test(rest.firmware) ? rest.firmware : "FIRMWARE_BIOS",
          nestedVirtualization: rest.nestedVirtualization ?? { policy: NestedPolicy.UNSPECIFIED },
        }),
      ),
    );
    expect(vm.appliedCapabilities).toEqual(planned.applied);
  });

  test("the complete example, knob by knob", () => {
    const { planned, vm } = readBack(completeExample(), { image: ubuntu });
    expect(vm.appliedCapabilities).toEqual(planned.applied);
    expect(vm.spec?.disks).toEqual(spec(completeExample()).disks);
    expect(vm.spec?.cpuAllocation).toEqual(spec(completeExample()).cpuAllocation);
  });

  test("every golden domain is read without loss of a device", () => {
    const devices = goldenCases["domain-devices"]?.();
    const vm = see({ stored: devices?.domain ?? stored, volumes: devices?.plan?.volumes ?? [] }, intel());
    expect(vm.spec?.disks.map(({ name, controller, iopsLimit }) => [name, controller, iopsLimit])).toEqual([
      ["root", "DISK_CONTROLLER_VIRTIO_BLK", undefined],
      ["data", "DISK_CONTROLLER_PARAVIRTUAL_SCSI", 500],
      ["logs", "DISK_CONTROLLER_LSI_LOGIC_SAS", undefined],
      ["cache", "DISK_CONTROLLER_SATA", undefined],
    ]);
    expect(
      vm.spec?.networkInterfaces.map(({ libvirt, vlanId, sriovDevice }) => [libvirt, vlanId, sriovDevice]),
    ).toEqual([
      [{ network: "default", bridge: "" }, undefined, ""],
      [{ network: "", bridge: "br0" }, undefined, ""],
      [{ network: "ovs", bridge: "" }, 42, ""],
      [undefined, 7, "0000:03:10.1"],
      [{ network: "vfs", bridge: "" }, undefined, ""],
    ]);
  });
});

test("a domain of nobody has no owner and no applied knobs", () => {
  const vm = see({
    stored: parseXml("<domain><name>other</name><uuid>u</uuid><memory>1024</memory><vcpu>1</vcpu></domain>"),
  });
  expect([vm.owner, vm.appliedCapabilities, vm.nested?.requested]).toEqual([undefined, [], Tristate.UNKNOWN]);
  expect(vm.appliedCapabilities.some(({ outcome }) => outcome === Outcome.APPLIED)).toBe(false);
});
