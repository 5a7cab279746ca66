import { describe, expect, test } from "@jest/globals";
import type { VMSpec } from "@virtrigaud/proto";
import type { PlanInput } from "./plan.ts";
import { intel, older, storages } from "./testing/sample-nodes.ts";
import { image, inventory, type Part, plan, settings, ubuntu, uid } from "./testing/sample-plan.ts";

const userData = "#cloud-config\n";
const filename = `vrtg-${uid}-seed.iso`;
const fixed = {
  networkInterfaces: [
    {
      name: "a",
      macAddress: "52:54:00:00:00:0a",
      staticAddress: { cidr: "192.0.2.10/24", gateway: "192.0.2.1", dnsServers: ["192.0.2.53"] },
    },
    { name: "b", macAddress: "52:54:00:00:00:0b" },
  ],
} satisfies Part<VMSpec>;
const drive = /^(?:ide|sata|scsi)\d$|^ci|^ipconfig|^nameserver$|^delete$/;

/** The options and the files that a spec's first configuration leads to. */
const first = (asked: Part<VMSpec>, more: Partial<PlanInput> = {}) => {
  const { plan: made, violations } = plan(asked, more);
  const options = made?.create ?? made?.clone?.options ?? {};
  return {
    violations,
    seed: made?.seed,
    removed: made?.clone?.removed,
    options: Object.fromEntries(Object.entries(options).filter(([name]) => drive.test(name))),
  };
};

describe("user-data", () => {
  test("travels as an ISO image with all the rest", () => {
    const { seed, options, violations } = first({
      ...fixed,
      cloudInit: { userData, metaData: { role: "lab" } },
    });
    expect(violations).toEqual([]);
    expect(options).toEqual({ ide2: `nfs:iso/${filename},media=cdrom` });
    expect({ ...seed, files: undefined }).toEqual({
      storage: "nfs",
      filename,
      volume: `nfs:iso/${filename}`,
      files: undefined,
    });
    expect(seed?.files["user-data"]).toBe(userData);
    expect(JSON.parse(seed?.files["meta-data"] ?? "")).toEqual({
      "local-hostname": "vm-1",
      role: "lab",
      "instance-id": uid,
    });
    expect(JSON.parse(seed?.files["network-config"] ?? "")).toEqual({
      version: 2,
      ethernets: {
        nic0: {
          match: { macaddress: "52:54:00:00:00:0a" },
          dhcp4: false,
          addresses: ["192.0.2.10/24"],
          routes: [{ to: "0.0.0.0/0", via: "192.0.2.1" }],
          nameservers: { addresses: ["192.0.2.53"] },
        },
        nic1: { match: { macaddress: "52:54:00:00:00:0b" }, dhcp4: true },
      },
    });
  });

  test.each<[string, Partial<PlanInput>, string]>([
    ["the operator's", { settings: { ...settings, imageStorage: "local" } }, "local"],
    ["a shared one", {}, "nfs"],
    ["the node's own", { inventory: inventory(intel({ storages: storages.slice(0, 2) })) }, "local"],
  ])("goes to %s storage", (_, more, storage) => {
    expect(first({ cloudInit: { userData, metaData: {} } }, more).seed?.storage).toBe(storage);
  });

  test("is refused where no storage takes ISO images, with the command", () => {
    const { violations } = first(
      { cloudInit: { userData, metaData: {} } },
      { inventory: inventory(intel({ storages: storages.slice(1, 4) })) },
    );
    expect(violations).toEqual([
      {
        field: "spec.cloud_init",
        reason: "CLOUD_INIT_STORAGE_MISSING",
        description: expect.stringMatching(
          /node pve1 .*\(there are: fast-ssd, local-lvm, thick\).*pvesm set STORAGE --content iso/,
        ),
      },
    ]);
  });

  test("replaces the template's own drive, wherever that is", () => {
    const asked = { image, cloudInit: { userData, metaData: {} } };
    expect(first(asked, { template: ubuntu })).toMatchObject({
      removed: ["ide0"],
      options: { ide2: `nfs:iso/${filename},media=cdrom` },
    });
    const { ide0, ...others } = ubuntu.config;
    const config = { ...others, ide2: String(ide0) };
    expect(first(asked, { template: { ...ubuntu, config } })).toMatchObject({
      removed: [],
      options: { ide2: `nfs:iso/${filename},media=cdrom` },
    });
  });

  test("is never mixed with options of Proxmox VE's own drive", () => {
    const { violations } = first({
      cloudInit: { userData, metaData: {} },
      extraConfig: { ciuser: "me", sshkeys: "ssh" },
    });
    expect(violations).toEqual([
      {
        field: "spec.extra_config",
        reason: "CONFLICTING_OPTIONS",
        description: expect.stringMatching(/^ciuser, sshkeys configure/),
      },
    ]);
  });

  test("does not name the instance", () => {
    const { violations } = first({ cloudInit: { userData, metaData: { "instance-id": "x" } } });
    expect(violations.map(({ reason }) => reason)).toEqual(["METADATA_RESERVED"]);
  });
});

describe("Proxmox VE's own drive", () => {
  const addresses = {
    ipconfig0: "ip=192.0.2.10/24,gw=192.0.2.1",
    ipconfig1: "ip=dhcp",
    nameserver: "192.0.2.53",
  };
  test.each<[string, Part<VMSpec>, Partial<PlanInput>, object]>([
    [
      "for static addresses alone",
      fixed,
      {},
      { ide2: "local-lvm:cloudinit,media=cdrom", ciupgrade: 0, ...addresses },
    ],
    [
      "before it could leave packages alone",
      fixed,
      { inventory: inventory(older("7.4-16")) },
      { ide2: "local-lvm:cloudinit,media=cdrom", ...addresses },
    ],
    [
      "for an empty cloudInit",
      { cloudInit: {} },
      {},
      { ide2: "local-lvm:cloudinit,media=cdrom", ciupgrade: 0 },
    ],
    [
      "for its options",
      { extraConfig: { ciuser: "me", ciupgrade: "1" } },
      {},
      { ide2: "local-lvm:cloudinit,media=cdrom", ciuser: "me", ciupgrade: "1" },
    ],
    ["the template's", { ...fixed, image }, { template: ubuntu }, { ciupgrade: 0, ...addresses }],
    ["for nothing: none", {}, {}, {}],
  ])("%s", (_, asked, more, options) => {
    const {
      seed,
      removed: _removed,
      ...found
    } = first({ disks: [{ name: "root", sizeBytes: 2 ** 30 }], ...asked }, more);
    const { scsi0: _root, ...others } = found.options;
    expect({ seed, violations: found.violations, options: others }).toEqual({
      seed: undefined,
      violations: [],
      options,
    });
  });
});
