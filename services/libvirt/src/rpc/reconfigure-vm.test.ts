import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import {
  ChangeEffect,
  Disk,
  Feature,
  NestedPolicy,
  PowerAction,
  PowerState,
  ReconfigureVMRequest,
  RestartPolicy,
  Tristate,
  type VMSpec,
} from "@virtrigaud/proto";
import { create, describeOnLibvirt, power, read, remove, smallSpec } from "../testing/lab.ts";

const MiB = 1024 ** 2;
const { LIVE, RESTART_REQUIRED } = ChangeEffect;

async function reconfigure(
  connection: ProviderConnection,
  uid: string,
  spec: VMSpec,
  policy = RestartPolicy.NEVER,
) {
  const request = ReconfigureVMRequest.fromPartial({ uid, spec, restartPolicy: policy });
  const changes: [Feature, string, ChangeEffect][] = [];
  const { vm } = await untilComplete(connection, async (options) => {
    const answer = await connection.reconfigureVm(request, options);
    changes.push(
      ...answer.changes.map(
        (one) => [one.feature, one.subject, one.effect] as [Feature, string, ChangeEffect],
      ),
    );
    return answer;
  });
  return { vm, changes };
}

await describeOnLibvirt("ReconfigureVM", (lab) => {
  test("of a VM that is off acts at once, grows and adds disks, and the new spec is its own from then on", async () => {
    const { connection, virsh, holdings } = lab();
    const before = await holdings();
    const [uid, spec] = [randomUUID(), smallSpec()];
    await create(connection, spec, uid);
    const disk = (name: string, mib: number) => Disk.fromPartial({ name, sizeBytes: mib * MiB });
    const after = {
      ...spec,
      cpus: 2,
      memoryBytes: 96 * MiB,
      tags: ["lab"],
      disks: [disk("root", 80), disk("data", 8)],
    };
    const { vm, changes } = await reconfigure(connection, uid, after);
    expect(changes).toEqual([
      [Feature.CPU, "", LIVE],
      [Feature.MEMORY, "", LIVE],
      [Feature.TAGS, "", LIVE],
      [Feature.DISK_SIZE, "data", LIVE],
      [Feature.DISK_SIZE, "root", LIVE],
    ]);
    expect(vm?.spec).toMatchObject({
      cpus: 2,
      memoryBytes: 96 * MiB,
      tags: ["lab"],
      disks: [
        { name: "root", sizeBytes: 80 * MiB },
        { name: "data", sizeBytes: 8 * MiB },
      ],
    });
    expect(await create(connection, after, uid)).toEqual(vm);
    expect((await reconfigure(connection, uid, after)).changes).toEqual([]);
    const less = { ...after, disks: [disk("root", 80)] };
    expect((await reconfigure(connection, uid, less)).changes).toEqual([[Feature.DISK_SIZE, "data", LIVE]]);
    expect(await virsh("vol-list", "default")).toContain(`${uid}-data.qcow2`);
    const shrunk = { ...after, disks: [disk("root", 70)] };
    await expect(reconfigure(connection, uid, shrunk)).rejects.toMatchObject({
      violations: [expect.objectContaining({ reason: "DISK_SHRINK" })],
    });
    await remove(connection, uid);
    expect(await holdings()).toEqual(before);
  });

  test("of a running VM adds CPUs, memory and disks and grows them live", async () => {
    const { connection, virsh } = lab();
    const uid = randomUUID();
    const spec = smallSpec({ memoryBytes: 256 * MiB, cpuHotAdd: true, memoryHotAdd: true });
    await create(connection, spec, uid);
    await power(connection, uid, PowerAction.ON);
    const disks = [
      Disk.fromPartial({ name: "root", sizeBytes: 96 * MiB }),
      Disk.fromPartial({ name: "data", sizeBytes: 8 * MiB }),
    ];
    const after = { ...spec, cpus: 2, memoryBytes: 384 * MiB, disks };
    const { vm, changes } = await reconfigure(connection, uid, after);
    expect(changes).toEqual([
      [Feature.CPU, "", LIVE],
      [Feature.MEMORY, "", LIVE],
      [Feature.DISK_SIZE, "data", LIVE],
      [Feature.DISK_SIZE, "root", LIVE],
    ]);
    expect(vm).toMatchObject({ restartRequired: false, spec: { cpus: 2, memoryBytes: 384 * MiB } });
    expect(await virsh("domblkinfo", spec.name, "vda")).toMatch(/Capacity:\s+100663296/);
    expect(await virsh("domblklist", spec.name)).toContain(`${uid}-data.qcow2`);
    expect(await virsh("vcpucount", spec.name, "--live", "--active")).toBe("2");
    await remove(connection, uid);
  });

  test("what cannot act live waits, and is made to act only where the policy lets it", async () => {
    const { connection, virsh } = lab();
    const [uid, spec] = [randomUUID(), smallSpec()];
    await create(connection, spec, uid);
    await power(connection, uid, PowerAction.ON);
    const after = { ...spec, nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
    const first = await reconfigure(connection, uid, after);
    expect(first.changes).toEqual([[Feature.NESTED_VIRTUALIZATION, "", RESTART_REQUIRED]]);
    expect(first.vm).toMatchObject({
      restartRequired: true,
      restartRequiredReasons: [expect.stringContaining("nestedVirtualization svm=require is stored")],
      nested: { requested: Tristate.TRUE, configured: Tristate.UNKNOWN },
    });
    const id = await virsh("domid", spec.name);
    // A guest without a system does not shut down by itself.
    await virsh("destroy", spec.name);
    await power(connection, uid, PowerAction.ON);
    expect(await virsh("domid", spec.name)).not.toBe(id);
    const off = { ...after, nestedVirtualization: { policy: NestedPolicy.DISABLED } };
    const operation = await connection.reconfigureVm(
      ReconfigureVMRequest.fromPartial({ uid, spec: off, restartPolicy: RestartPolicy.IF_NEEDED }),
    );
    expect(operation).toMatchObject({
      changes: [{ feature: Feature.NESTED_VIRTUALIZATION, effect: RESTART_REQUIRED }],
      operation: { description: "restart the VM for its new configuration" },
    });
    await connection.cancelOperation({ name: operation.operation?.name ?? "" });
    expect(await read(connection, uid)).toMatchObject({ powerState: PowerState.ON, restartRequired: true });
    await remove(connection, uid);
  });

  test("CreateVM corrects what someone changed on a VM that is off", async () => {
    const { connection, virsh } = lab();
    const [uid, spec] = [
      randomUUID(),
      smallSpec({ nestedVirtualization: { policy: NestedPolicy.REQUIRED } }),
    ];
    const made = await create(connection, spec, uid);
    await virsh("setvcpus", spec.name, "3", "--config", "--maximum");
    await virsh("setvcpus", spec.name, "3", "--config");
    expect((await read(connection, uid)).spec?.cpus).toBe(3);
    expect(await create(connection, spec, uid)).toEqual(made);
    await remove(connection, uid);
  });

  test("an adopted VM keeps its own configuration", async () => {
    const { connection, virsh } = lab();
    const [made, uid, spec] = [randomUUID(), randomUUID(), smallSpec()];
    await create(connection, spec, made);
    await virsh("metadata", spec.name, "--remove", "--config", "--uri", "https://virtrigaud.io/libvirt/1");
    await connection.adoptVm({ id: made, uid, controllerId: "test" });
    await expect(reconfigure(connection, uid, spec)).rejects.toMatchObject({ reason: "VM_ADOPTED" });
  });
});
