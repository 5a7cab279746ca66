import { describe, expect, test } from "@jest/globals";
import { proxmoxApi } from "proxmox-api";
import type { PveApi } from "./api.ts";
import { encodeRequest, type PveParameters, type WireRequest } from "./encode-request.ts";

/** proxmox-api, of which each call gives the request it would be. */
const api = proxmoxApi({
  doRequest: async (method, path, template, parameters) =>
    encodeRequest(method, path, template, parameters as PveParameters),
}) as PveApi;
const node = api.nodes.$("pve1");
const form = { "content-type": "application/x-www-form-urlencoded" };

describe("a call as a request", () => {
  test.each<[string, Promise<unknown>, WireRequest]>([
    [
      "GET",
      api.cluster.resources.$get({ type: "vm" }),
      {
        method: "GET",
        path: "/cluster/resources",
        route: "/cluster/resources",
        target: "/api2/json/cluster/resources?type=vm",
        headers: {},
      },
    ],
    [
      "POST without parameters",
      node.qemu.$(100).status.start.$post(),
      {
        method: "POST",
        path: "/nodes/pve1/qemu/100/status/start",
        route: "/nodes/*/qemu/*/status/start",
        target: "/api2/json/nodes/pve1/qemu/100/status/start",
        headers: {},
      },
    ],
    [
      "a form: truth as digits, lists repeated, what PVE splits at escaped, nothing for undefined",
      node.qemu.$(100).agent.exec.$post({
        command: ["test", "-c", "/dev/kvm"],
        on: true,
        off: false,
        x: "a&b;c=d +ü\n",
        n: 1.5,
        none: undefined,
      }),
      {
        method: "POST",
        path: "/nodes/pve1/qemu/100/agent/exec",
        route: "/nodes/*/qemu/*/agent/exec",
        target: "/api2/json/nodes/pve1/qemu/100/agent/exec",
        headers: form,
        body: "command=test&command=-c&command=%2Fdev%2Fkvm&on=1&off=0&x=a%26b%3Bc%3Dd+%2B%C3%BC%0A&n=1.5",
      },
    ],
    [
      "DELETE, which has no body",
      node.qemu.$(100).$delete({ purge: true }),
      {
        method: "DELETE",
        path: "/nodes/pve1/qemu/100",
        route: "/nodes/*/qemu/*",
        target: "/api2/json/nodes/pve1/qemu/100?purge=1",
        headers: {},
      },
    ],
    [
      "names with every delimiter of a URL",
      node.storage.$("a b").content.$("local:iso/ü?x#y%2.iso").$get(),
      {
        method: "GET",
        path: "/nodes/pve1/storage/a b/content/local:iso/ü?x#y%2.iso",
        route: "/nodes/*/storage/*/content/*",
        target: "/api2/json/nodes/pve1/storage/a%20b/content/local%3Aiso%2F%C3%BC%3Fx%23y%252.iso",
        headers: {},
      },
    ],
  ])("%s", async (_, call, expected) => {
    expect(await call).toEqual(expected);
  });
});

describe("what cannot be sent", () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ["an empty name", () => api.nodes.$("").status.$get(), '"" is no name that a path can hold'],
    [
      "a name that leads elsewhere",
      () => api.nodes.$("..").status.$get(),
      '".." is no name that a path can hold',
    ],
    [
      "an object",
      () => node.qemu.$post({ vmid: 100, cpu: { type: "host" } as unknown as string }),
      "POST /nodes/pve1/qemu: cpu is not a value that PVE knows",
    ],
    [
      "no number",
      () => node.qemu.$post({ vmid: Number.NaN }),
      "POST /nodes/pve1/qemu: vmid is not a value that PVE knows",
    ],
    [
      "null",
      () => node.qemu.$post({ vmid: 100, name: null as unknown as string }),
      "POST /nodes/pve1/qemu: name is not a value that PVE knows",
    ],
    [
      "another method",
      () => (node as unknown as { $patch(): Promise<unknown> }).$patch(),
      "/api2/json/nodes/pve1: there is no method $patch",
    ],
  ])("%s", async (_, call, message) => {
    await expect(call()).rejects.toThrow(new TypeError(message));
  });
});
