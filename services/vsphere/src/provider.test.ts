import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "@jest/globals";
import { outcomeTable } from "@virtrigaud/kit/outcomes";
import { Feature, NestedPolicy, PowerAction, Support, Tristate, View, type VMSpec } from "@virtrigaud/proto";
import {
  govc,
  type SoapAction,
  startSoapProxy,
  startVcsim,
  type Vcsim,
  type VcsimOptions,
} from "@virtrigaud/test-tools";
import { minimumApiVersion } from "./mapping/versions.ts";
import { create, describeOnVcsim, lines, names, power, read } from "./testing/lab.ts";
import { startProvider, type TestProvider, type TestProviderOptions } from "./testing/provider.ts";
import { rowSpecs } from "./testing/row-specs.ts";
import { type Part, spec } from "./testing/sample-vm.ts";

const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
const image = { name: "ubuntu-22-04", vsphere: { templateName: "ubuntu" } };
const named = (name: string, asked: Part<VMSpec> = {}) => spec({ ...asked, name });

describeOnVcsim("in front of", () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const start = async (options: VcsimOptions, more: TestProviderOptions = {}) => {
    const vcsim = await startVcsim(options);
    closers.push(() => vcsim.stop());
    return { vcsim, provider: await provide(vcsim, more) };
  };
  const provide = async (vcsim: Vcsim, more: TestProviderOptions = {}): Promise<TestProvider> => {
    const provider = await startProvider(vcsim, more);
    closers.push(() => provider.stop());
    return provider;
  };
  /** A provider behind a proxy that scripts what becomes of each call. */
  const scripted = async (options: VcsimOptions) => {
    const vcsim = await startVcsim(options);
    closers.push(() => vcsim.stop());
    const script: { next: (method: string) => SoapAction } = { next: () => "pass" };
    const proxy = await startSoapProxy({ target: vcsim, onCall: ({ method }) => script.next(method) });
    closers.push(() => proxy.close());
    return { vcsim, proxy, script, provider: await provide(vcsim, { url: proxy.url }) };
  };
  /** Fails one method a number of times. */
  const failing = (method: string, action: SoapAction, times = 1) => {
    let left = times;
    return (called: string): SoapAction => (called === method && left-- > 0 ? action : "pass");
  };

  test("vCenter 6.0: every knob that it has is stored, every other is refused by name", async () => {
    const { provider } = await start({ apiVersion: "6.0", keyProvider: "native" });
    for (const { id, feature, field, cells } of outcomeTable) {
      if (cells.vsphere.outcome === "REFUSED") continue;
      const asked = named(id, rowSpecs[id]);
      const isNewer = ["6.5", "6.7"].includes(minimumApiVersion[feature] ?? "");
      if (isNewer) {
        const error = await create(provider.connection, asked).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ codeName: "FAILED_PRECONDITION", reason: "HYPERVISOR_VERSION" });
        expect((error as { violations: { field: string }[] }).violations.map((one) => one.field)).toContain(
          field,
        );
      } else {
        const { appliedCapabilities } = await create(provider.connection, asked);
        expect(appliedCapabilities.map((one) => one.feature)).toContain(feature);
      }
    }
    const { capabilities } = await provider.connection.getCapabilities({});
    const support = Object.fromEntries(capabilities.map((one) => [one.feature, one.support]));
    expect([support[Feature.NESTED_VIRTUALIZATION], support[Feature.SECURE_BOOT]]).toEqual([
      Support.SUPPORTED,
      Support.UNSUPPORTED,
    ]);
  });

  test("hosts that cannot nest: refused with the remedy, and nothing is made", async () => {
    const { provider } = await start({ nested: false, templates: ["ubuntu"] });
    for (const more of [{}, { image }]) {
      await expect(
        create(provider.connection, named("nested", { ...nested, ...more })),
      ).rejects.toMatchObject({
        codeName: "FAILED_PRECONDITION",
        reason: "NESTED_UNSUPPORTED",
        message: expect.stringMatching(/DC0_C0_H0, DC0_C0_H1: capability.nestedHVSupported=false\).*VT-x/),
        violations: [{ field: "spec.nested_virtualization", reason: "NESTED_UNSUPPORTED" }],
      });
    }
    expect(await names(provider.connection)).toEqual([]);
    const plan = await provider.connection.planVm({ spec: named("nested", nested), uid: "" });
    expect(lines(plan.appliedCapabilities)).toContain("NESTED_VIRTUALIZATION REFUSED");
    expect(plan.nativeConfiguration).toContain("<nestedHVEnabled>true</nestedHVEnabled>");
    await create(provider.connection, named("plain"));
  });

  test("a mixed cluster: nested VMs go to hosts that can, and CheckHosts tells which", async () => {
    const { provider } = await start({ nested: "mixed", hosts: 3, cpuVendor: "amd", templates: ["ubuntu"] });
    const { host, nested: status } = await create(provider.connection, named("nested", { ...nested, image }));
    expect(["DC0_C0_H0", "DC0_C0_H2"]).toContain(host);
    expect(status).toMatchObject({ hostCapable: Tristate.TRUE, cpuFeature: "svm" });
    const { operation } = await provider.connection.checkHosts({ hosts: [] });
    const result = operation?.result;
    if (result?.$case !== "hosts") throw new Error("no host report");
    expect(
      result.value.hosts.map(({ name, nestedVirtualization, remedy }) => [
        name,
        nestedVirtualization,
        remedy.length > 0,
      ]),
    ).toEqual([
      ["DC0_C0_H0", Tristate.TRUE, true],
      ["DC0_C0_H1", Tristate.FALSE, true],
      ["DC0_C0_H2", Tristate.TRUE, true],
    ]);
    const again = await provider.connection.getOperation({ name: operation?.name ?? "" });
    expect(again.operation?.result).toEqual(result);
    await expect(provider.connection.checkHosts({ hosts: ["DC0_C0_H1", "esx-9"] })).rejects.toMatchObject({
      codeName: "NOT_FOUND",
      reason: "HOST_NOT_FOUND",
      message: "no host esx-9; there are: DC0_C0_H0, DC0_C0_H1, DC0_C0_H2",
    });
  });

  test("several datacenters: the named one, or the template's, and names that are ambiguous are asked about", async () => {
    const { vcsim, provider } = await start({ datacenters: 2, templates: ["ubuntu"], vms: 1 });
    await create(provider.connection, named("there", { image, placement: { datacenter: "DC1" } }));
    await create(
      provider.connection,
      named("blank", {
        placement: { datacenter: "DC1" },
        networkInterfaces: [{ name: "eth0", vsphere: { portgroup: "DC1_DVPG0" } }],
      }),
    );
    expect((await govc(vcsim, "find", "/", "-type", "m", "-name", "there")).trim()).toBe("/DC1/vm/there");
    expect((await govc(vcsim, "find", "/", "-type", "m", "-name", "blank")).trim()).toBe("/DC1/vm/blank");
    const plan = await provider.connection.planVm({
      spec: named("elsewhere", { placement: { datacenter: "DC1", cluster: "DC0_C0" } }),
      uid: "",
    });
    expect(plan.violations).toMatchObject([{ field: "spec.placement.cluster", reason: "PLACEMENT_UNKNOWN" }]);
    expect(lines(plan.appliedCapabilities)).toContain("PLACEMENT REFUSED");
  });

  test("a vCenter whose own check refuses CPU hot-add with nesting: the fault names the knob", async () => {
    const { provider } = await start({ rejectCpuHotAddWithNested: true });
    await expect(
      create(provider.connection, named("pair", { ...nested, cpuHotAdd: true })),
    ).rejects.toMatchObject({
      codeName: "FAILED_PRECONDITION",
      reason: "CONFLICTING_OPTIONS",
      message: expect.stringContaining("set cpuHotAddEnabled: false"),
    });
    await create(provider.connection, named("pair", nested));
  });

  test("no key provider: a TPM is refused", async () => {
    const { provider } = await start({});
    await expect(create(provider.connection, named("tpm", { tpm: {} }))).rejects.toMatchObject({
      reason: "KEY_PROVIDER_MISSING",
    });
  });

  describe("a vCenter that does not let us in:", () => {
    const ready = async ({ healthAddress }: TestProvider) => {
      const answer = await fetch(`http://${healthAddress}/readyz`);
      return [answer.status, await answer.text()] as const;
    };

    test("a wrong password is HYPERVISOR_CREDENTIALS, tried once a minute, and the daemon says NOT_SERVING", async () => {
      const { provider } = await start({}, { password: "wrong" });
      const refused = {
        codeName: "FAILED_PRECONDITION",
        reason: "HYPERVISOR_CREDENTIALS",
        message: expect.not.stringContaining("wrong"),
      };
      await expect(create(provider.connection, named("a"))).rejects.toMatchObject(refused);
      await expect(names(provider.connection)).rejects.toMatchObject(refused);
      expect(provider.methods).toEqual(["RetrieveServiceContent", "Login"]);
      const [code, why] = await ready(provider);
      expect(code).toBe(503);
      expect(why).toContain("user name or password");
      const { hypervisorVersion, provider: kind } = await provider.connection.getInfo({});
      expect([kind, hypervisorVersion]).toEqual(["vsphere", ""]);
    });

    test("one that is not there is UNAVAILABLE, and nothing is taken for gone", async () => {
      const { vcsim, provider } = await start({});
      const uid = randomUUID();
      await create(provider.connection, named("a"), uid);
      expect((await ready(provider))[0]).toBe(200);
      await vcsim.kill();
      const unreachable = { codeName: "UNAVAILABLE", reason: "HYPERVISOR_UNREACHABLE" };
      await expect(read(provider.connection, uid)).rejects.toMatchObject(unreachable);
      await expect(provider.connection.deleteVm({ uid, retainDisks: false })).rejects.toMatchObject(
        unreachable,
      );
      await expect(power(provider.connection, uid, PowerAction.ON)).rejects.toMatchObject(unreachable);
      await expect(
        provider.connection.listVMs({ pageSize: 0, pageToken: "", view: View.BASIC, includeUnowned: false }),
      ).rejects.toMatchObject(unreachable);
    });
  });

  test("a session that expires is renewed without anyone noticing", async () => {
    const { script, provider, proxy } = await scripted({});
    const expired = { kind: "fault", faultType: "NotAuthenticated", message: "expired" } as const;
    const uid = randomUUID();
    for (const method of ["FindByUuid", "CreateVM_Task"]) {
      script.next = failing(method, expired);
      await create(provider.connection, named(`after-${method}`));
    }
    await create(provider.connection, named("a"), uid);
    script.next = failing("PowerOnVM_Task", expired);
    await power(provider.connection, uid, PowerAction.ON);
    expect(proxy.calls.filter(({ method }) => method === "Login")).toHaveLength(4);
    script.next = failing("FindByUuid", expired, 2);
    await expect(create(provider.connection, named("b"))).rejects.toMatchObject({
      codeName: "UNAVAILABLE",
      reason: "HYPERVISOR_SESSION",
    });
  });

  test("a connection that breaks after the request: calling again finds what was made", async () => {
    const { script, provider } = await scripted({ templates: ["ubuntu"] });
    for (const method of ["CreateVM_Task", "CloneVM_Task"]) {
      const uid = randomUUID();
      const asked = named(method, method === "CloneVM_Task" ? { image } : {});
      script.next = failing(method, { kind: "cut-after" });
      await expect(create(provider.connection, asked, uid)).rejects.toMatchObject({
        codeName: "UNAVAILABLE",
      });
      const { owner } = await create(provider.connection, asked, uid);
      expect(owner?.uid).toBe(uid);
    }
    expect(await names(provider.connection)).toEqual(["CloneVM_Task", "CreateVM_Task"]);
  });

  test("a name that vCenter refuses at once, for whatever has it", async () => {
    const { script, provider } = await scripted({});
    script.next = failing("CreateVM_Task", { kind: "fault", faultType: "DuplicateName", message: "exists" });
    await expect(create(provider.connection, named("a"))).rejects.toMatchObject({
      codeName: "ALREADY_EXISTS",
      reason: "NAME_TAKEN",
      message: expect.stringContaining("the name a is taken by another object"),
    });
  });

  test("a template that was removed since it was looked up: call again", async () => {
    const { vcsim, provider } = await start({ templates: ["ubuntu"] });
    await create(provider.connection, named("a", { image }));
    await govc(vcsim, "vm.markasvm", "-pool=/DC0/host/DC0_C0/Resources", "ubuntu");
    await govc(vcsim, "vm.destroy", "ubuntu");
    await expect(create(provider.connection, named("b", { image }))).rejects.toMatchObject({
      codeName: "ABORTED",
      reason: "INVENTORY_CHANGED",
    });
  });

  test("says what it is", async () => {
    const { vcsim, provider } = await start({});
    expect(await provider.connection.getInfo({})).toEqual({
      provider: "vsphere",
      version: "0.1.0",
      contractVersion: "1.0",
      hypervisorType: expect.stringMatching(/vCenter/),
      hypervisorVersion: expect.stringMatching(/^8\.0\.2 build-\d+$/),
      hypervisorApiVersion: "8.0.2.0",
      endpoint: vcsim.url,
      simulated: true,
    });
  });

  test("many VMs: a page costs one call, whatever its size", async () => {
    const { provider } = await start({ vms: 50 });
    const list = (pageToken: string) =>
      provider.connection.listVMs({ pageSize: 20, pageToken, view: View.FULL, includeUnowned: true });
    await list("");
    const before = provider.methods.length;
    const first = await list("");
    const second = await list(first.nextPageToken);
    const third = await list(second.nextPageToken);
    expect(provider.methods.slice(before)).toEqual(Array.from({ length: 3 }, () => "RetrievePropertiesEx"));
    const ids = [first, second, third].flatMap(({ vms }) => vms.map(({ id }) => id));
    expect([new Set(ids).size, third.nextPageToken]).toEqual([50, ""]);
    const owned = await provider.connection.listVMs({
      pageSize: 0,
      pageToken: "",
      view: View.BASIC,
      includeUnowned: false,
    });
    expect(owned.vms).toEqual([]);
  });
});
