import { expect, test } from "@jest/globals";
import { macFor } from "./mac-address.ts";
import { plan, uid } from "./testing/sample-plan.ts";

test("static addresses become a network-config by MAC address", () => {
  const { plan: made, violations } = plan({
    disks: [{ name: "root", sizeBytes: 1024 ** 3 }],
    networkInterfaces: [
      {
        name: "front",
        macAddress: "52:54:00:AA:00:01",
        staticAddress: { cidr: "192.0.2.10/24", gateway: "192.0.2.1", dnsServers: ["192.0.2.53"] },
      },
      { name: "v6", staticAddress: { cidr: "2001:db8::10/64", gateway: "fe80::1" } },
      { name: "dhcp" },
    ],
  });
  expect(violations).toEqual([]);
  const { files } = made?.seed ?? {};
  expect(JSON.parse(files?.["network-config"] ?? "")).toEqual({
    version: 2,
    ethernets: {
      nic0: {
        match: { macaddress: "52:54:00:aa:00:01" },
        dhcp4: false,
        addresses: ["192.0.2.10/24"],
        routes: [{ to: "0.0.0.0/0", via: "192.0.2.1" }],
        nameservers: { addresses: ["192.0.2.53"] },
      },
      nic1: {
        match: { macaddress: macFor(uid, "v6") },
        dhcp4: false,
        addresses: ["2001:db8::10/64"],
        routes: [{ to: "::/0", via: "fe80::1" }],
      },
      nic2: { match: { macaddress: macFor(uid, "dhcp") }, dhcp4: true },
    },
  });
  // No user, no password and no key of ours.
  expect(files?.["user-data"]).toBe("#cloud-config\n{}\n");
});

test("nothing is written where nothing is asked", () => {
  expect(plan({ networkInterfaces: [{ name: "a" }] }).plan?.seed).toBeUndefined();
});

test("a VM's MAC addresses are its own, local and unicast", () => {
  const macs = ["a", "b"].flatMap((nic) => [macFor(uid, nic), macFor("another", nic)]);
  expect(new Set(macs).size).toBe(4);
  for (const mac of macs) expect(mac).toMatch(/^52:54(:[0-9a-f]{2}){4}$/);
  expect(macFor(uid, "a")).toBe(macFor(uid, "a"));
});
