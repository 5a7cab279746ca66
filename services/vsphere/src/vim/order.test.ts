import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { toSoap } from "./order.ts";
import type { VirtualMachineConfigSpec } from "./types.ts";
import { renderXml } from "./xml.ts";

const spec: VirtualMachineConfigSpec = {
  simultaneousThreads: 2,
  nestedHVEnabled: true,
  firmware: "efi",
  bootOptions: { efiSecureBootEnabled: true },
  extraConfig: [
    { value: 'say "hi" & <go>', key: "guestinfo.a" },
    { value: 3, key: "b" },
    { value: 2 ** 40, key: "c" },
    { value: false, key: "d" },
    { value: 0.5, key: "e" },
  ],
  latencySensitivity: { level: "high" },
  memoryAllocation: { limit: -1, reservation: 0, shares: { level: "normal", shares: 0 } },
  deviceChange: [
    {
      device: {
        $type: "ParaVirtualSCSIController",
        sharedBus: "noSharing",
        busNumber: 0,
        key: -1,
      },
      operation: "add",
    },
    {
      device: {
        capacityInKB: 1048576,
        unitNumber: 0,
        controllerKey: -1,
        backing: {
          thinProvisioned: true,
          diskMode: "persistent",
          fileName: "",
          datastore: { value: "datastore-1", type: "Datastore" },
          $type: "VirtualDiskFlatVer2BackingInfo",
        },
        key: -2,
        $type: "VirtualDisk",
      },
      profile: [{ profileId: "p-1", $type: "VirtualMachineDefinedProfileSpec" }],
      fileOperation: "create",
      operation: "add",
    },
  ],
  cpuHotAddEnabled: false,
  memoryMB: 2048,
  numCPUs: 2,
  flags: { vbsEnabled: true, vvtdEnabled: true, htSharing: "any" },
  files: { vmPathName: "[datastore1]" },
  version: "vmx-19",
  name: "vm",
};

// Written by hand from the schema, not by the code under test.
const wire = `<VirtualMachineConfigSpec xmlns="urn:vim25" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <name>vm</name>
  <version>vmx-19</version>
  <files>
    <vmPathName>[datastore1]</vmPathName>
  </files>
  <flags>
    <htSharing>any</htSharing>
    <vvtdEnabled>true</vvtdEnabled>
    <vbsEnabled>true</vbsEnabled>
  </flags>
  <numCPUs>2</numCPUs>
  <memoryMB>2048</memoryMB>
  <cpuHotAddEnabled>false</cpuHotAddEnabled>
  <deviceChange>
    <operation>add</operation>
    <device xsi:type="ParaVirtualSCSIController">
      <key>-1</key>
      <busNumber>0</busNumber>
      <sharedBus>noSharing</sharedBus>
    </device>
  </deviceChange>
  <deviceChange>
    <operation>add</operation>
    <fileOperation>create</fileOperation>
    <device xsi:type="VirtualDisk">
      <key>-2</key>
      <backing xsi:type="VirtualDiskFlatVer2BackingInfo">
        <fileName/>
        <datastore type="Datastore">datastore-1</datastore>
        <diskMode>persistent</diskMode>
        <thinProvisioned>true</thinProvisioned>
      </backing>
      <controllerKey>-1</controllerKey>
      <unitNumber>0</unitNumber>
      <capacityInKB>1048576</capacityInKB>
    </device>
    <profile xsi:type="VirtualMachineDefinedProfileSpec">
      <profileId>p-1</profileId>
    </profile>
  </deviceChange>
  <memoryAllocation>
    <reservation>0</reservation>
    <limit>-1</limit>
    <shares>
      <shares>0</shares>
      <level>normal</level>
    </shares>
  </memoryAllocation>
  <latencySensitivity>
    <level>high</level>
  </latencySensitivity>
  <extraConfig>
    <key>guestinfo.a</key>
    <value xsi:type="xsd:string">say "hi" &amp; &lt;go&gt;</value>
  </extraConfig>
  <extraConfig>
    <key>b</key>
    <value xsi:type="xsd:int">3</value>
  </extraConfig>
  <extraConfig>
    <key>c</key>
    <value xsi:type="xsd:long">1099511627776</value>
  </extraConfig>
  <extraConfig>
    <key>d</key>
    <value xsi:type="xsd:boolean">false</value>
  </extraConfig>
  <extraConfig>
    <key>e</key>
    <value xsi:type="xsd:double">0.5</value>
  </extraConfig>
  <bootOptions>
    <efiSecureBootEnabled>true</efiSecureBootEnabled>
  </bootOptions>
  <firmware>efi</firmware>
  <nestedHVEnabled>true</nestedHVEnabled>
  <simultaneousThreads>2</simultaneousThreads>
</VirtualMachineConfigSpec>`;

/** The value with the keys of every object in it inserted in an order drawn by `random`. */
function shuffled(value: unknown, random: (below: number) => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, v]) => [key, shuffled(v, random), random(1e6)] as const);
  return Object.fromEntries(entries.toSorted(([, , a], [, , b]) => a - b));
}

test("a spec is rendered in schema order with xsi:type where types differ", () => {
  expect(renderXml("VirtualMachineConfigSpec", spec)).toBe(wire);
});

test("insertion order does not matter", () => {
  const expected = JSON.stringify(toSoap("VirtualMachineConfigSpec", spec));
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(1e6)), (stream) => {
      const next = () => stream.next().value as number;
      const value = shuffled(spec, next) as VirtualMachineConfigSpec;
      expect(JSON.stringify(toSoap("VirtualMachineConfigSpec", value))).toBe(expected);
    }),
    { numRuns: 50 },
  );
});

test("unset fields are left out, empty lists too", () => {
  expect(toSoap("VirtualMachineConfigSpec", { name: undefined, extraConfig: [] })).toEqual({
    extraConfig: [],
  });
  expect(renderXml("ToolsConfigInfo", {})).toMatch(/^<ToolsConfigInfo [^>]*\/>$/);
});

describe("what cannot be sent is refused by name", () => {
  test.each<[string, object, string]>([
    ["NoSuchType", {}, "NoSuchType: not in the vim25 type table"],
    ["VirtualMachineConfigSpec", { cpus: 2 }, 'VirtualMachineConfigSpec has no field "cpus"'],
    ["VirtualMachineConfigSpec", { flags: { vt: true } }, 'VirtualMachineFlagInfo has no field "vt"'],
    ["VirtualMachineConfigSpec", { numCPUs: "2" }, "VirtualMachineConfigSpec.numCPUs: needs int, got string"],
    ["VirtualMachineConfigSpec", { numCPUs: 1.5 }, "VirtualMachineConfigSpec.numCPUs: needs int, got 1.5"],
    ["VirtualMachineConfigSpec", { numCPUs: 2 ** 31 }, "numCPUs: needs int, got 2147483648"],
    ["VirtualMachineConfigSpec", { memoryMB: Number.NaN }, "memoryMB: needs long, got NaN"],
    ["VirtualMachineConfigSpec", { nestedHVEnabled: null }, "nestedHVEnabled: needs boolean, got object"],
    ["VirtualMachineConfigSpec", { extraConfig: {} }, "VirtualMachineConfigSpec.extraConfig: needs an array"],
    [
      "VirtualMachineConfigSpec",
      { deviceChange: [{ device: { $type: "OptionValue", key: "a" } }] },
      "VirtualDeviceConfigSpec.device: OptionValue is not a known kind of VirtualDevice",
    ],
    [
      "VirtualDeviceConfigSpec",
      { device: { $type: "VirtualQuantumCard" } },
      "VirtualQuantumCard is not a known kind of VirtualDevice",
    ],
    [
      "OptionValue",
      { key: "a", value: ["b"] },
      "OptionValue.value: needs a string, number, boolean or an object",
    ],
    [
      "VirtualMachineRelocateSpec",
      { pool: { value: "p" } },
      "VirtualMachineRelocateSpec.pool: needs {type, value}",
    ],
    ["ManagedByInfo", { type: "a\u0000b" }, "ManagedByInfo.type: has a character that XML cannot carry"],
    ["ManagedByInfo", { type: "\ud800" }, "ManagedByInfo.type: has a character that XML cannot carry"],
    [
      "VirtualMachineConfigSpec",
      { annotation: "<![CDATA[x]]></annotation><nestedHVEnabled>true</nestedHVEnabled><annotation>]]>" },
      "VirtualMachineConfigSpec.annotation: must not begin like a CDATA section",
    ],
  ])("%s %j", (type, value, message) => {
    expect(() => toSoap(type, value)).toThrow(TypeError);
    expect(() => toSoap(type, value)).toThrow(message);
  });
});

test.each(["a&b", "&amp;", "&#10;", '<x a="1">', "]]"])(
  "text %j is shown as the text that it is",
  (annotation) => {
    const xml = renderXml("VirtualMachineConfigSpec", { annotation });
    const shown = /<annotation>(.*)<\/annotation>/s.exec(xml)?.[1] ?? "";
    const decoded = shown
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&");
    expect(decoded).toBe(annotation);
  },
);
