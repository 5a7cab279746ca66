import { describe, expect, test } from "@jest/globals";
import { parameterProblems } from "@virtrigaud/fakes";
import { VMSpec } from "@virtrigaud/proto";
import { configureClone } from "./clone.ts";
import { readMarker, requestedSpec } from "./ownership.ts";
import { image, marker, plan, spec, ubuntu, uid } from "./testing/sample-plan.ts";

const gib = 2 ** 30;

/** Texts that mean something to a property string, a form, a configuration file, a shell, QEMU's command line or YAML. */
const corpus = [
  "a,b",
  "a=b",
  "a;b",
  "a&b",
  "a b",
  "x,file=/etc/shadow",
  "x,import-from=/etc/passwd",
  "vmbr0,firewall=0",
  "local:1,serial=x",
  "a\nargs: -device x",
  "a\r\nb",
  "a\u0000b",
  "[snapshot]",
  "#comment",
  "%0aargs",
  "$(reboot)",
  "`id`",
  "; rm -rf / #",
  "../../etc/passwd",
  "..",
  "/etc/shadow",
  "-drive",
  "{a: b}",
  "- x",
  "é😀",
  "\ud800",
  "a".repeat(300),
  "constructor",
  "__proto__",
  "toString",
  "vrtg-x",
  "",
];

/** What a text may become anywhere in an option: nothing but itself where it is harmless, else a violation. */
const check = (parameters: Readonly<Record<string, string | number>>) =>
  parameterProblems("9.2", "POST", "/nodes/pve1/qemu", { vmid: 100, ...parameters });

describe.each(corpus)("%j", (text) => {
  test.each<[string, object, string]>([
    ["name", { name: text }, "spec.name"],
    ["tag", { tags: [text] }, "spec.tags"],
    [
      "storage class",
      { disks: [{ name: "root", sizeBytes: gib, storageClass: text }] },
      "spec.disks[root].storage_class",
    ],
    [
      "bridge",
      { networkInterfaces: [{ name: "a", proxmox: { bridge: text } }] },
      "spec.network_interfaces[a].proxmox.bridge",
    ],
    ["model", { networkInterfaces: [{ name: "a", model: text }] }, "spec.network_interfaces[a].model"],
    [
      "device",
      { networkInterfaces: [{ name: "a", sriovDevice: text }] },
      "spec.network_interfaces[a].sriov_device",
    ],
    ["node", { placement: { host: text } }, "spec.placement.host"],
    ["option", { extraConfig: { [text]: "1" } }, "spec.extra_config"],
    [
      "address",
      { networkInterfaces: [{ name: "a", staticAddress: { cidr: text, gateway: text } }] },
      "spec.network_interfaces[a].static_address",
    ],
    ["MAC address", { networkInterfaces: [{ name: "a", macAddress: text }] }, "spec.network_interfaces[a]"],
  ])("as a %s is itself or refused", (_, asked, field) => {
    const { plan: made, violations } = plan(asked);
    if (made === undefined) expect(violations.map((one) => one.field)).toEqual([field]);
    else expect(check(made.create ?? {})).toEqual({});
  });

  test("as the name of a disk or interface is text and nothing else", () => {
    const asked = (name: string) =>
      plan({
        disks: [{ name, sizeBytes: gib }],
        networkInterfaces: [{ name }],
        cloudInit: { userData: text, metaData: { note: text } },
      });
    const [planned, harmless] = [asked(text), asked("plain")];
    expect(planned.violations).toEqual([]);
    const keys = (from: typeof planned) =>
      Object.entries(from.plan?.create ?? {}).map(([name, value]) => [name, String(value).split(",").length]);
    expect(keys(planned).filter(([name]) => name !== "description")).toEqual(
      keys(harmless).filter(([name]) => name !== "description"),
    );
    expect(check(planned.plan?.create ?? {})).toEqual({});
    expect(JSON.parse(planned.plan?.seed?.files["meta-data"] ?? "")).toMatchObject({ note: text });
    expect(planned.plan?.seed?.filename).toBe(`vrtg-${uid}-seed.iso`);
  });

  test("survives in the marker, and a template's notes stay notes", () => {
    const canonicalSpec = JSON.stringify(VMSpec.toJSON(spec({ tags: [text] })));
    const template = { ...ubuntu, config: { ...ubuntu.config, description: text } };
    const { plan: made, violations } = plan(
      { image },
      { template, marker: { ...marker, controllerId: text, canonicalSpec } },
    );
    expect(violations).toEqual([]);
    const { parameters } = configureClone(made?.clone ?? neverCloned(), ubuntu.config);
    const read = readMarker({ description: parameters.description ?? "" }, marker.vmid);
    expect(read).toMatchObject({ uid, controllerId: text });
    if (!/\ud800/.test(text)) expect(requestedSpec(read)).toEqual(spec({ tags: [text] }));
  });
});

function neverCloned(): never {
  throw new Error("a plan with an image and no violation has a clone");
}
