import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  startSoapProxy,
  startVcsim,
  type SoapAction,
  type SoapProxy,
  type Vcsim,
} from "@virtrigaud/test-tools";
import type { ManagedObjectReference, VirtualMachineConfigSpec } from "../vim/types.ts";
import { VimFault, VimInvalidLogin } from "./errors.ts";
import { toObjectUpdate } from "./object-content.ts";
import type { ServerTrust } from "./tls.ts";
import { VimClient } from "./vim-client.ts";

let vcsim: Vcsim;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  vcsim = await startVcsim({ vms: 3, hosts: 2, datacenters: 2 });
}, 300_000);
afterAll(async () => vcsim?.stop());
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A client of vcsim through a proxy that decides on each call by its method. */
async function connect(fate: (method: string) => SoapAction = () => "pass") {
  const proxy = await startSoapProxy({ target: vcsim, onCall: ({ method }) => fate(method) });
  closers.push(() => proxy.close());
  return { proxy, vim: clientOf(proxy.url) };
}

function clientOf(endpoint: string, trust?: ServerTrust): VimClient {
  const vim = new VimClient({
    endpoint,
    trust: trust ?? { mode: "thumbprint", sha256: vcsim.thumbprintSha256 },
    credentials: async () => ({ username: vcsim.username, password: vcsim.password }),
  });
  closers.push(() => vim.close());
  return vim;
}

const methodsOf = ({ calls }: SoapProxy) => calls.map(({ method }) => method);
const login = ["RetrieveServiceContent", "Login"];

/** Where a VM can be made. */
async function place(vim: VimClient) {
  const { Datacenter, ResourcePool } = await vim.retrieve({
    paths: { Datacenter: ["vmFolder"], ResourcePool: ["owner"] },
  });
  const folder = Datacenter[0]?.props.vmFolder;
  const pool = ResourcePool[0]?.obj as ManagedObjectReference<"ResourcePool"> | undefined;
  if (folder === undefined || pool === undefined) throw new Error("vcsim has no place for a VM");
  return { folder, pool };
}

/** A task that has ended, and the looks that this took: how many depends on the machine. */
async function finished(vim: VimClient, task: ManagedObjectReference<"Task">) {
  const looks: string[] = [];
  for (;;) {
    looks.push("RetrievePropertiesEx");
    const { props } = await vim.read(task, ["info"]);
    if (props.info?.state === "success" || props.info?.state === "error") return { ...props.info, looks };
    await sleep(20);
  }
}

test("logs in by a CA bundle and says what the server is", async () => {
  const vim = clientOf(vcsim.url, { mode: "ca", caBundle: vcsim.certificatePem });
  expect((await vim.serviceContent()).about).toMatchObject({
    apiType: "VirtualCenter",
    apiVersion: expect.stringMatching(/^8\./),
  });
});

test("wrong credentials are one login, not a storm", async () => {
  const { proxy } = await connect();
  const vim = new VimClient({
    endpoint: proxy.url,
    trust: { mode: "insecure" },
    credentials: async () => ({ username: "nobody", password: "wrong" }),
  });
  closers.push(() => vim.close());
  await Promise.all([1, 2, 3].map(() => expect(vim.serviceContent()).rejects.toThrow(VimInvalidLogin)));
  await expect(vim.serviceContent()).rejects.toThrow(VimInvalidLogin);
  expect(methodsOf(proxy)).toEqual(login);
});

describe("a slice of the inventory", () => {
  const paths = {
    Datacenter: ["name"],
    HostSystem: [
      "name",
      "hardware.cpuInfo.numCpuThreads",
      "capability.nestedHVSupported",
      "summary.config.product",
    ],
    ComputeResource: ["name", "host"],
    Network: ["name"],
    Datastore: ["summary"],
    VirtualMachine: ["name", "config.hardware.device", "runtime.powerState"],
  } as const;

  test("is one round trip for all types, and one more for the view, once", async () => {
    const { vim, proxy } = await connect();
    const [slice] = [await vim.retrieve({ paths }), await vim.retrieve({ paths })];
    expect(methodsOf(proxy)).toEqual([
      ...login,
      "CreateContainerView",
      "RetrievePropertiesEx",
      "RetrievePropertiesEx",
    ]);
    expect(Object.entries(slice).map(([type, found]) => [type, found.length])).toEqual([
      ["Datacenter", 2],
      ["HostSystem", expect.any(Number)],
      ["ComputeResource", expect.any(Number)],
      ["Network", expect.any(Number)],
      ["Datastore", expect.any(Number)],
      ["VirtualMachine", 6],
    ]);
  });

  test("is typed, and finds extended types under the asked one", async () => {
    const { vim } = await connect();
    const { HostSystem, ComputeResource, Network, Datastore, VirtualMachine } = await vim.retrieve({ paths });
    expect(HostSystem[0]).toEqual({
      obj: { type: "HostSystem", value: expect.stringMatching(/^host-/) },
      props: {
        name: expect.any(String),
        "hardware.cpuInfo.numCpuThreads": expect.any(Number),
        "capability.nestedHVSupported": true,
        "summary.config.product": expect.objectContaining({ apiVersion: expect.any(String) }),
      },
      missing: [],
    });
    expect(ComputeResource.map(({ obj }) => obj.type)).toContain("ClusterComputeResource");
    expect(Network.map(({ obj }) => obj.type)).toContain("DistributedVirtualPortgroup");
    expect(Datastore[0]?.props.summary).toMatchObject({ accessible: true, freeSpace: expect.any(Number) });
    const kinds = VirtualMachine[0]?.props["config.hardware.device"]?.map(({ $type }) => $type);
    expect(kinds).toEqual(expect.arrayContaining(["VirtualDisk", "VirtualPCIController"]));
  });

  test("below a container has only what is in it", async () => {
    const { vim } = await connect();
    const { Datacenter } = await vim.retrieve({ paths: { Datacenter: ["vmFolder"] } });
    const container = Datacenter[0]?.props.vmFolder;
    if (container === undefined) throw new Error("no datacenter");
    const { VirtualMachine } = await vim.retrieve({ paths: { VirtualMachine: ["name"] }, container });
    expect(VirtualMachine).toHaveLength(3);
  });
});

test("creating and starting a VM takes one round trip for each call", async () => {
  const { vim, proxy } = await connect();
  const { folder, pool } = await place(vim);
  const { searchIndex } = await vim.serviceContent();
  const before = proxy.calls.length;
  const uuid = randomUUID();
  const spec: VirtualMachineConfigSpec = {
    name: `nested-${uuid}`,
    instanceUuid: uuid,
    guestId: "otherGuest64",
    version: "vmx-19",
    files: { vmPathName: "[LocalDS_0]" },
    numCPUs: 2,
    memoryMB: 1024,
    firmware: "efi",
    bootOptions: { efiSecureBootEnabled: true },
    flags: { vvtdEnabled: true, vbsEnabled: true },
    nestedHVEnabled: true,
    cpuAllocation: { reservation: 500, limit: -1, shares: { level: "high", shares: 0 } },
    extraConfig: [{ key: "virtrigaud.uid", value: uuid }],
    deviceChange: [
      {
        operation: "add",
        device: { $type: "ParaVirtualSCSIController", key: -1, busNumber: 0, sharedBus: "noSharing" },
      },
      {
        operation: "add",
        fileOperation: "create",
        device: {
          $type: "VirtualDisk",
          key: -2,
          controllerKey: -1,
          unitNumber: 0,
          capacityInKB: 1024 * 1024,
          backing: {
            $type: "VirtualDiskFlatVer2BackingInfo",
            fileName: "",
            diskMode: "persistent",
            thinProvisioned: true,
          },
        },
      },
    ],
  };
  const query = { uuid, vmSearch: true, instanceUuid: true };
  expect(await vim.call("FindByUuid", searchIndex, query)).toBeUndefined();
  const created = await finished(vim, await vim.call("CreateVM_Task", folder, { config: spec, pool }));
  const vm = created.result as ManagedObjectReference<"VirtualMachine">;
  const { props } = await vim.read(vm, ["config"]);
  expect(props.config).toMatchObject({
    instanceUuid: uuid,
    nestedHVEnabled: true,
    firmware: "efi",
    flags: { vvtdEnabled: true, vbsEnabled: true },
    bootOptions: { efiSecureBootEnabled: true },
    cpuAllocation: { reservation: 500, limit: -1 },
  });
  expect(props.config?.extraConfig).toContainEqual({ key: "virtrigaud.uid", value: uuid });
  const disk = props.config?.hardware.device?.find(({ $type }) => $type === "VirtualDisk");
  expect(disk).toMatchObject({ capacityInKB: 1024 * 1024, backing: { thinProvisioned: true } });
  const started = await finished(vim, await vim.call("PowerOnVM_Task", vm, {}));
  expect((await vim.read(vm, ["runtime.powerState"])).props).toEqual({ "runtime.powerState": "poweredOn" });
  expect(await vim.call("FindByUuid", searchIndex, query)).toEqual(vm);
  expect(methodsOf(proxy).slice(before)).toEqual([
    "FindByUuid",
    "CreateVM_Task",
    ...created.looks,
    "RetrievePropertiesEx",
    "PowerOnVM_Task",
    ...started.looks,
    "RetrievePropertiesEx",
    "FindByUuid",
  ]);
});

test("what does not exist is a ManagedObjectNotFound fault", async () => {
  const { vim } = await connect();
  const obj = { type: "VirtualMachine", value: "vm-999999" } as const;
  await expect(vim.read(obj, ["name"])).rejects.toMatchObject({
    name: "VimFault",
    faultType: "ManagedObjectNotFound",
    detail: { obj },
  });
});

test("changes arrive by one long poll", async () => {
  const { vim } = await connect();
  const { propertyCollector } = await vim.serviceContent();
  const { VirtualMachine } = await vim.retrieve({ paths: { VirtualMachine: ["name"] } });
  const obj = VirtualMachine[0]?.obj as ManagedObjectReference<"VirtualMachine">;
  const spec = {
    propSet: [{ type: "VirtualMachine", pathSet: ["runtime.powerState"] }],
    objectSet: [{ obj }],
  };
  const filter = await vim.call("CreateFilter", propertyCollector, { spec, partialUpdates: false });
  const first = await vim.call("WaitForUpdatesEx", propertyCollector, { options: { maxWaitSeconds: 5 } });
  const update = first?.filterSet?.[0]?.objectSet?.[0];
  expect(update && toObjectUpdate(update)).toEqual({
    kind: "enter",
    obj,
    props: { "runtime.powerState": "poweredOn" },
    removed: [],
    missing: [],
  });
  const version = first?.version ?? "";
  const waiting = vim.call("WaitForUpdatesEx", propertyCollector, {
    version,
    options: { maxWaitSeconds: 20 },
  });
  await finished(vim, await vim.call("SuspendVM_Task", obj, {}));
  const next = (await waiting)?.filterSet?.[0]?.objectSet?.[0];
  expect(next && toObjectUpdate(next)).toMatchObject({
    kind: "modify",
    props: { "runtime.powerState": "suspended" },
  });
  await vim.call("DestroyPropertyFilter", filter, {});
});

test("an expired session is renewed unseen, its views with it", async () => {
  let expire = false;
  const { vim, proxy } = await connect((method) => {
    if (!expire || method === "Login") return "pass";
    expire = false;
    return { kind: "fault", faultType: "NotAuthenticated", message: "The session is not authenticated." };
  });
  const paths = { VirtualMachine: ["name"] };
  await vim.retrieve({ paths });
  expire = true;
  expect((await vim.retrieve({ paths })).VirtualMachine.length).toBeGreaterThan(0);
  expect(methodsOf(proxy).slice(4)).toEqual([
    "RetrievePropertiesEx",
    ...login,
    "CreateContainerView",
    "RetrievePropertiesEx",
  ]);
});

describe("an unanswered create", () => {
  test.each([["cut-before"], ["cut-after"]] as const)("%s: the request may have been sent", async (kind) => {
    const { vim } = await connect((method) => (method === "CreateFolder" ? { kind } : "pass"));
    const { folder } = await place(vim);
    await expect(vim.call("CreateFolder", folder, { name: `${kind}-${randomUUID()}` })).rejects.toMatchObject(
      {
        name: "VimUnreachable",
        requestSent: "maybe",
      },
    );
  });

  test("hangs: the deadline ends it", async () => {
    const { vim } = await connect((method) => (method === "CreateFolder" ? { kind: "hang" } : "pass"));
    const { folder } = await place(vim);
    const call = vim.call("CreateFolder", folder, { name: "never" }, { deadlineMs: 100 });
    await expect(call).rejects.toMatchObject({ name: "VimUnreachable", requestSent: "maybe" });
  });

  test("a login that hangs: the caller's deadline ends the wait, and nothing was sent", async () => {
    const { vim } = await connect((method) => (method === "Login" ? { kind: "delay", ms: 500 } : "pass"));
    const start = { type: "Folder", value: "group-1" } as const;
    const call = vim.call("CreateFolder", start, { name: "never" }, { deadlineMs: 100 });
    await expect(call).rejects.toMatchObject({ name: "VimUnreachable", requestSent: "no" });
  });
});

test("a duplicate name says of whom", async () => {
  const { vim } = await connect();
  const { folder } = await place(vim);
  const made = await vim.call("CreateFolder", folder, { name: "twice" });
  const error = await vim.call("CreateFolder", folder, { name: "twice" }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(VimFault);
  expect(error).toMatchObject({ faultType: "DuplicateName", detail: { name: "twice", object: made } });
});

test("closing logs out", async () => {
  const { vim, proxy } = await connect();
  await vim.serviceContent();
  await vim.close();
  expect(methodsOf(proxy)).toEqual([...login, "Logout"]);
});
