import { describe, expect, test } from "@jest/globals";
import type { VMSpec } from "@virtrigaud/proto";
import { type Part, spec, uid } from "../testing/sample-vm.ts";
import { guestinfoOptions } from "./cloud-init.ts";
import { Problems } from "./problems.ts";

function options(asked: Part<VMSpec>, encode = (text: string) => text) {
  const problems = new Problems();
  const values = guestinfoOptions(uid, spec(asked), encode, problems);
  return {
    values: Object.fromEntries(values.map(({ key, value }) => [key.replace("guestinfo.", ""), value])),
    violations: problems.violations.map(
      ({ field, reason, description }) => `${field} ${reason}: ${description}`,
    ),
  };
}

const encodings = { "metadata.encoding": "gzip+base64", "userdata.encoding": "gzip+base64" };
const metadata = (more: object = {}) => ({ "local-hostname": "vm-1", "instance-id": uid, ...more });
const address = { cidr: "192.0.2.10/24", gateway: "192.0.2.1", dnsServers: ["192.0.2.53"] };

describe("guestinfo of", () => {
  test("a VM without cloud-init is nothing", () => {
    expect(options({ networkInterfaces: [{ name: "eth0" }] })).toEqual({ values: {}, violations: [] });
  });

  test("user-data is that and the instance", () => {
    expect(options({ cloudInit: { userData: "#cloud-config\n" } })).toEqual({
      violations: [],
      values: { ...encodings, userdata: "#cloud-config\n", metadata: JSON.stringify(metadata()) },
    });
  });

  test.each<[string, Record<string, string>, object, string[]]>([
    ["more metadata", { region: "lab" }, { region: "lab" }, []],
    ["another host name", { "local-hostname": "other" }, { "local-hostname": "other" }, []],
    [
      "another identity",
      { "instance-id": "i-1", network: "x" },
      { network: "x" },
      [
        "spec.cloud_init.meta_data METADATA_RESERVED: instance-id is the provider's; leave it out",
        "spec.cloud_init.meta_data METADATA_RESERVED: network is the provider's; leave it out",
      ],
    ],
  ])("%s", (_, metaData, more, violations) => {
    const { values, violations: found } = options({ cloudInit: { userData: "", metaData } });
    expect(JSON.parse(values.metadata as string)).toEqual(metadata(more));
    expect(found).toEqual(violations);
  });

  test.each<[string, Part<VMSpec>["networkInterfaces"], object]>([
    [
      "one static address, by the name that cards have",
      [{ name: "eth0", staticAddress: address }],
      {
        nic0: {
          match: { name: "e*" },
          dhcp4: false,
          addresses: ["192.0.2.10/24"],
          routes: [{ to: "0.0.0.0/0", via: "192.0.2.1" }],
          nameservers: { addresses: ["192.0.2.53"] },
        },
      },
    ],
    [
      "an IPv6 address without name servers, beside DHCP",
      [
        {
          name: "a",
          macAddress: "00:50:56:00:00:0A",
          staticAddress: { cidr: "2001:db8::10/64", gateway: "fe80::1" },
        },
        { name: "b", macAddress: "00:50:56:00:00:0b" },
      ],
      {
        nic0: {
          match: { macaddress: "00:50:56:00:00:0a" },
          dhcp4: false,
          addresses: ["2001:db8::10/64"],
          routes: [{ to: "::/0", via: "fe80::1" }],
        },
        nic1: { match: { macaddress: "00:50:56:00:00:0b" }, dhcp4: true },
      },
    ],
    [
      "an address without gateway",
      [{ name: "a", staticAddress: { cidr: "192.0.2.10/24" } }],
      { nic0: { match: { name: "e*" }, dhcp4: false, addresses: ["192.0.2.10/24"] } },
    ],
  ])("%s, also without user-data", (_, networkInterfaces, ethernets) => {
    const { values, violations } = options({ networkInterfaces: networkInterfaces ?? [] });
    expect(Object.keys(values)).toEqual(["metadata", "metadata.encoding"]);
    expect(JSON.parse(values.metadata as string)).toEqual(metadata({ network: { version: 2, ethernets } }));
    expect(violations).toEqual([]);
  });

  test("several interfaces that the guest cannot tell apart", () => {
    const networkInterfaces = [{ name: "a", staticAddress: address }, { name: "b" }];
    const why =
      "with a static address and several interfaces the guest tells them apart by MAC address; give each one a macAddress";
    expect(options({ networkInterfaces }).violations).toEqual([
      `spec.network_interfaces[a].mac_address MAC_ADDRESS_REQUIRED: ${why}`,
      `spec.network_interfaces[b].mac_address MAC_ADDRESS_REQUIRED: ${why}`,
    ]);
  });

  test.each<[number, string[]]>([
    [65_536, []],
    [
      65_537,
      [
        "spec.cloud_init CLOUD_INIT_TOO_LARGE: guestinfo.userdata has 65537 bytes after compression, vSphere carries 65536; move content into files that user-data fetches",
      ],
    ],
  ])("%s bytes", (length, violations) => {
    const encode = (text: string) => (text === "#" ? "x".repeat(length) : text);
    expect(options({ cloudInit: { userData: "#" } }, encode).violations).toEqual(violations);
  });
});
