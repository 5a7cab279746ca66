import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { outcomeTable } from "@virtrigaud/kit/outcomes";
import {
  DiskController,
  EnsureState,
  Feature,
  NestedPolicy,
  PowerAction,
  PowerState,
  Tristate,
  View,
  type VMSpec,
} from "@virtrigaud/proto";
import { govc, startVcsim, type Vcsim } from "@virtrigaud/test-tools";
import { create, describeOnVcsim, lines, names, power, read, remove } from "../testing/lab.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { rowSpecs } from "../testing/row-specs.ts";
import { type Part, spec } from "../testing/sample-vm.ts";
import { completeExample, firstClass } from "../testing/seed-specs.ts";

const gib = 1024 ** 3;
const image = { name: "ubuntu-22-04", vsphere: { templateName: "ubuntu" } };
const named = (name: string, asked: Part<VMSpec>) => spec({ ...asked, name });
const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };

describeOnVcsim("CreateVM", () => {
  let vcsim: Vcsim;
  let provider: TestProvider;
  beforeAll(async () => {
    vcsim = await startVcsim({ templates: ["ubuntu"], datastores: ["fast-ssd"], keyProvider: "native" });
    provider = await startProvider(vcsim);
  });
  afterAll(async () => {
    await provider?.stop();
    await vcsim?.stop();
  });

  const applicable = outcomeTable.filter(({ cells }) => cells.vsphere.outcome !== "REFUSED");
  describe.each(["blank", "cloned"])("%s", (kind) => {
    test.each(applicable.map(({ id }) => id))("%s: what was planned is what is stored", async (id) => {
      const asked = named(`${kind}-${id}`, { ...rowSpecs[id], ...(kind === "cloned" ? { image } : {}) });
      // A clone of Linux has no VBS; that it is refused is the mapping's to show.
      if (id === "vbs" && kind === "cloned") return;
      const { appliedCapabilities: planned, violations } = await provider.connection.planVm({
        spec: asked,
        uid: "",
      });
      expect(violations).toEqual([]);
      const { appliedCapabilities: made } = await create(provider.connection, asked);
      expect(lines(made)).toEqual(lines(planned));
      const row = applicable.find((one) => one.id === id);
      expect(made.map(({ feature }) => feature)).toContain(row?.feature);
    });
  });

  test("the seed's complete example, cloned, with more disks and networks than the template", async () => {
    const asked = completeExample({
      image,
      disks: [
        ...completeExample().disks,
        { name: "data", sizeBytes: gib, controller: DiskController.LSI_LOGIC_SAS },
        { name: "log", sizeBytes: 2 * gib, storageClass: "fast-ssd" },
      ],
      networkInterfaces: [
        { name: "mgmt", vsphere: { portgroup: "VM Network" }, macAddress: "00:50:56:00:00:01" },
        { name: "lab", vsphere: { portgroup: "DC0_DVPG0" }, macAddress: "00:50:56:00:00:02", model: "e1000" },
      ],
    });
    const { appliedCapabilities: planned, violations } = await provider.connection.planVm({
      spec: asked,
      uid: "",
    });
    expect(violations).toEqual([]);
    const uid = randomUUID();
    const vm = await create(provider.connection, asked, uid);
    expect(vm).toMatchObject({
      name: "nested-hypervisor",
      owner: { uid, controllerId: "test", specFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
      powerState: PowerState.OFF,
      nested: {
        requested: Tristate.TRUE,
        hostCapable: Tristate.TRUE,
        configured: Tristate.TRUE,
        verified: Tristate.UNKNOWN,
        cpuFeature: "vmx",
        reason: "SIMULATED",
      },
    });
    expect(lines(vm.appliedCapabilities)).toEqual(lines(planned));
    expect(vm.spec?.disks.map(({ name, sizeBytes, controller }) => [name, sizeBytes, controller])).toEqual([
      ["root", 200 * gib, DiskController.PARAVIRTUAL_SCSI],
      ["data", gib, DiskController.LSI_LOGIC_SAS],
      ["log", 2 * gib, DiskController.PARAVIRTUAL_SCSI],
    ]);
    expect(
      vm.spec?.networkInterfaces.map(({ name, vsphere, macAddress, model }) => [
        name,
        vsphere?.portgroup,
        macAddress,
        model,
      ]),
    ).toEqual([
      ["mgmt", "VM Network", "00:50:56:00:00:01", "vmxnet3"],
      ["lab", "DC0_DVPG0", "00:50:56:00:00:02", "e1000"],
    ]);

    await power(provider.connection, uid, PowerAction.ON);
    const again = await provider.connection.createVm({ uid, spec: asked, controllerId: "test" });
    expect([again.state, again.vm?.powerState]).toEqual([EnsureState.COMPLETE, PowerState.ON]);
  });

  test("the seed's first class, with VBS", async () => {
    const { nested: status, appliedCapabilities } = await create(provider.connection, firstClass());
    expect(status?.configured).toBe(Tristate.TRUE);
    expect(lines(appliedCapabilities)).toEqual([
      "CPU APPLIED 4",
      "MEMORY APPLIED 8192 MB",
      "FIRMWARE_UEFI APPLIED efi",
      "CPU_HOT_ADD APPLIED true",
      "MEMORY_HOT_ADD APPLIED true",
      "NESTED_VIRTUALIZATION APPLIED true",
      "VIRTUALIZATION_BASED_SECURITY APPLIED true",
      "SECURE_BOOT IMPLIED true",
      "IOMMU APPLIED true",
      "DISK_SIZE root APPLIED 107374182400",
      "DISK_PROVISIONING root APPLIED thin=true eager=false",
    ]);
  });

  describe("costs, on a warm inventory,", () => {
    const since = async (what: () => Promise<unknown>) => {
      const before = provider.methods.length;
      await what();
      return provider.methods.slice(before);
    };
    const poll = "RetrievePropertiesEx";

    test("six calls from nothing to a running VM", async () => {
      await create(provider.connection, named("warm", {}));
      const uid = randomUUID();
      const methods = await since(async () => {
        await create(provider.connection, named("counted", nested), uid);
        await power(provider.connection, uid, PowerAction.ON);
      });
      expect(methods).toEqual(["FindByUuid", "CreateVM_Task", poll, poll, "PowerOnVM_Task", poll]);
    });

    test("three more for what a clone loses in the simulator", async () => {
      await create(provider.connection, named("warm-clone", { image }));
      const uid = randomUUID();
      const methods = await since(async () => {
        await create(provider.connection, named("counted-clone", { ...nested, image }), uid);
        await power(provider.connection, uid, PowerAction.ON);
      });
      expect(methods).toEqual([
        "FindByUuid",
        "CloneVM_Task",
        poll,
        poll,
        "ReconfigVM_Task",
        poll,
        poll,
        "PowerOnVM_Task",
        poll,
      ]);
    });

    test("one call to be told again, and one to look", async () => {
      const uid = randomUUID();
      const asked = named("told-again", {});
      await create(provider.connection, asked, uid);
      expect(await since(() => create(provider.connection, asked, uid))).toEqual([poll]);
      expect(await since(() => read(provider.connection, uid))).toEqual([poll]);
      expect(await since(() => names(provider.connection))).toEqual(
        // The view of all VMs is made once for each session.
        expect.arrayContaining([poll]),
      );
      expect(await since(() => names(provider.connection))).toEqual([poll]);
    });
  });

  describe("never makes a VM twice, nor takes another's:", () => {
    test("two calls for one uid at the same time make one VM", async () => {
      const uid = randomUUID();
      const request = { uid, spec: named("raced", {}), controllerId: "test" };
      const answers = await Promise.allSettled([1, 2, 3].map(() => provider.connection.createVm(request)));
      const lost = answers.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
      for (const error of lost) expect(error).toMatchObject({ codeName: "ABORTED", reason: "LOST_RACE" });
      const { id } = await create(provider.connection, request.spec, uid);
      expect((await names(provider.connection)).filter((name) => name === "raced")).toEqual(["raced"]);
      expect((await read(provider.connection, uid)).id).toBe(id);
    });

    test.each([
      ["blank", {}],
      ["cloned", { image }],
    ])("a name that another VM has is NAME_TAKEN, %s", async (kind, more) => {
      const owner = randomUUID();
      const asked = named(`taken-${kind}`, {});
      const held = await create(provider.connection, asked, owner);
      const rival = named(asked.name, { cpus: 1, ...more });
      await expect(create(provider.connection, rival)).rejects.toMatchObject({
        codeName: "ALREADY_EXISTS",
        reason: "NAME_TAKEN",
        message: `the name ${asked.name} is taken by VM ${held.id} in the same folder, which is not touched; choose another name or folder`,
      });
      expect(await read(provider.connection, owner)).toEqual(held);
      const { violations } = await provider.connection.planVm({ spec: rival, uid: "" });
      expect(violations).toMatchObject([{ field: "spec.name", reason: "NAME_TAKEN" }]);
    });

    test("a VM that nobody owns is not adopted by its name", async () => {
      await govc(vcsim, "vm.create", "-force", "-on=false", "-net=VM Network", "-ds=LocalDS_0", "foreign");
      const foreign = named("foreign", {});
      await expect(create(provider.connection, foreign)).rejects.toMatchObject({ reason: "NAME_TAKEN" });
      const { vms } = await provider.connection.listVMs({
        pageSize: 0,
        pageToken: "",
        view: View.BASIC,
        includeUnowned: true,
      });
      expect(vms.find(({ name }) => name === "foreign")?.owner).toBeUndefined();
    });

    test("a VM that lost its marker is nobody's, although it has the uid", async () => {
      const uid = randomUUID();
      const asked = named("orphan", {});
      await create(provider.connection, asked, uid);
      await govc(vcsim, "vm.change", "-vm=orphan", "-e", "virtrigaud.uid=");
      const restarted = await startProvider(vcsim);
      const refused = { codeName: "ALREADY_EXISTS", reason: "OWNED_BY_ANOTHER" };
      try {
        const { connection } = restarted;
        await expect(create(connection, asked, uid)).rejects.toMatchObject(refused);
        await expect(read(connection, uid)).rejects.toMatchObject(refused);
        await expect(remove(connection, uid)).rejects.toMatchObject(refused);
        await expect(power(connection, uid, PowerAction.ON)).rejects.toMatchObject(refused);
        expect(await govc(vcsim, "vm.info", "orphan")).toMatch(/Power state: +poweredOff/);
      } finally {
        await restarted.stop();
      }
    });

    test("another spec for the same uid is SPEC_MISMATCH", async () => {
      const uid = randomUUID();
      const held = await create(provider.connection, named("mismatch", {}), uid);
      await expect(create(provider.connection, named("mismatch", { cpus: 4 }), uid)).rejects.toMatchObject({
        codeName: "ALREADY_EXISTS",
        reason: "SPEC_MISMATCH",
      });
      expect(await read(provider.connection, uid)).toEqual(held);
    });
  });

  test("what someone changed while the VM was off is set again, and only then", async () => {
    const uid = randomUUID();
    const asked = named("drifted", nested);
    await create(provider.connection, asked, uid);
    await govc(vcsim, "vm.change", "-vm=drifted", "-nested-hv-enabled=false", "-c=7");
    expect(await read(provider.connection, uid)).toMatchObject({
      nested: { configured: Tristate.FALSE, reason: "NOT_CONFIGURED" },
    });
    const { drift } = await provider.connection.planVm({ spec: asked, uid });
    expect(drift).toEqual(["cpu: 7 → 2", "performanceProfile.nestedVirtualization: true: false → true"]);
    const { nested: status, spec: found } = await create(provider.connection, asked, uid);
    expect([status?.configured, found?.cpus]).toEqual([Tristate.TRUE, 2]);
  });

  test("folders that are missing are made, once", async () => {
    const placement = { folder: "labs/nested" };
    await Promise.all(
      ["a", "b"].map((name) => create(provider.connection, named(`in-folder-${name}`, { placement }))),
    );
    await create(provider.connection, named("in-folder-c", { placement }));
    const found = (await govc(vcsim, "find", "/DC0/vm/labs")).trim().split("\n").sort();
    expect(found).toEqual([
      "/DC0/vm/labs",
      "/DC0/vm/labs/nested",
      "/DC0/vm/labs/nested/in-folder-a",
      "/DC0/vm/labs/nested/in-folder-b",
      "/DC0/vm/labs/nested/in-folder-c",
    ]);
  });

  test("a name with a percent sign comes back as it was given, and settles", async () => {
    const vm = await create(provider.connection, named("100%", nested));
    expect([vm.name, vm.spec?.name]).toEqual(["100%", "100%"]);
  });

  test("cloud-init reaches the guest's variables and nothing else", async () => {
    const uid = randomUUID();
    const userData = "#cloud-config\npassword: hunter2\n";
    const asked = named("secretive", { cloudInit: { userData, metaData: {} } });
    const plan = await provider.connection.planVm({ spec: asked, uid: "" });
    const vm = await create(provider.connection, asked, uid);
    for (const seen of [plan, vm]) {
      expect(JSON.stringify(seen)).not.toContain("hunter2");
      expect(JSON.stringify(seen)).not.toContain(Buffer.from(userData).toString("base64"));
    }
    expect(plan.nativeConfiguration).toContain("(redacted)");
    expect(lines(vm.appliedCapabilities)).toContain("CLOUD_INIT APPLIED present");
    expect(await govc(vcsim, "vm.info", "-e", "secretive")).toMatch(
      /guestinfo.userdata.encoding: +gzip\+base64/,
    );
  });

  test("a plan makes nothing", async () => {
    const before = await names(provider.connection);
    const plan = await provider.connection.planVm({ spec: named("planned", { ...nested, image }), uid: "" });
    expect(plan).toMatchObject({
      nativeFormat: "vim25 VirtualMachineCloneSpec (XML)",
      violations: [],
      drift: [],
      host: "",
    });
    expect(plan.nativeConfiguration).toContain("<nestedHVEnabled>true</nestedHVEnabled>");
    expect(plan.advice.map(({ feature }) => feature)).toContain(Feature.MEMORY_RESERVATION);
    expect(await names(provider.connection)).toEqual(before);
  });

  test("extra_config that cannot be is wrong on its own", async () => {
    const asked = named("reserved", { extraConfig: { "vhv.enable": "FALSE" } });
    await expect(create(provider.connection, asked)).rejects.toMatchObject({
      codeName: "INVALID_ARGUMENT",
      reason: "EXTRA_CONFIG_RESERVED",
    });
  });
});
