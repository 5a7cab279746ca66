import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import {
  CloudInit,
  Disk,
  DiskProvisioning,
  EnsureState,
  Image,
  NestedPolicy,
  PowerAction,
  PowerState,
  Tristate,
  type VMSpec,
} from "@virtrigaud/proto";
import { create, describeOnLibvirt, type Lab, power, read, remove, smallSpec } from "../testing/lab.ts";

const nested = { nestedVirtualization: { policy: NestedPolicy.REQUIRED } };
const secret = "hunter2-4c7e";
const withSeed = { cloudInit: CloudInit.fromPartial({ userData: `#cloud-config\npassword: ${secret}\n` }) };

await describeOnLibvirt("CreateVM", (lab) => {
  test("makes a VM with exactly one required CPU feature, which runs; create and start cost at most 8 calls", async () => {
    const { connection, provider, virsh, libvirtd } = lab();
    await virsh("vol-create-as", "default", "base.qcow2", "1M", "--format", "qcow2");
    const image = Image.fromPartial({ name: "base", libvirt: { path: `${libvirtd.pool}/base.qcow2` } });
    await create(connection, smallSpec({ image }));
    const uid = randomUUID();
    const spec = smallSpec({ ...nested, ...withSeed, image });
    const before = provider.calls.length;
    const vm = await create(connection, spec, uid);
    await power(connection, uid, PowerAction.ON);
    // What is read because it started is read soon after.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const cost = provider.calls.slice(before);
    expect(vm).toMatchObject({
      id: uid,
      name: spec.name,
      powerState: PowerState.OFF,
      owner: { uid, controllerId: "test" },
      nested: { requested: Tristate.TRUE, configured: Tristate.TRUE, cpuFeature: "svm" },
    });
    const xml = await virsh("dumpxml", spec.name);
    expect(xml.match(/<feature policy='require' name='(?:svm|vmx)'/g)).toHaveLength(1);
    expect((await read(connection, uid)).powerState).toBe(PowerState.ON);
    expect(JSON.stringify(await read(connection, uid))).not.toContain(secret);
    expect({ cost, number: cost.length }).toEqual({ cost, number: Math.min(cost.length, 8) });
    await remove(connection, uid);
  });

  test("twice at once and once more is one VM, and nothing stays of it", async () => {
    const { connection, holdings } = lab();
    const before = await holdings();
    const [uid, spec] = [randomUUID(), smallSpec(withSeed)];
    const all = await Promise.all([create(connection, spec, uid), create(connection, spec, uid)]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await create(connection, spec, uid)).toEqual(await read(connection, uid));
    expect((await holdings()).domains).toEqual([...before.domains, spec.name].sort());
    await remove(connection, uid);
    expect(await holdings()).toEqual(before);
  });

  test("takes all space of a disk in an operation", async () => {
    const { connection } = lab();
    const [uid, MiB] = [randomUUID(), 1024 ** 2];
    const disks = [
      Disk.fromPartial({ name: "root", sizeBytes: 16 * MiB, provisioning: DiskProvisioning.EAGER_ZEROED }),
    ];
    const spec = smallSpec({ disks });
    const first = await connection.createVm({ uid, spec, controllerId: "test" });
    expect(first).toMatchObject({
      state: EnsureState.IN_PROGRESS,
      operation: { description: `create VM ${spec.name}` },
    });
    const vm = await create(connection, spec, uid);
    expect(vm.spec?.disks).toMatchObject([{ name: "root", provisioning: DiskProvisioning.EAGER_ZEROED }]);
    await remove(connection, uid);
  });

  test.each<
    [
      string,
      (lab: Lab) => Promise<{ uid?: string; spec: VMSpec }>,
      "ALREADY_EXISTS" | "FAILED_PRECONDITION",
      string,
    ]
  >([
    [
      "a name that a foreign domain has",
      async ({ virsh, libvirtd }) => {
        const spec = smallSpec();
        await define(libvirtd.pool, virsh, spec.name, randomUUID());
        return { spec };
      },
      "ALREADY_EXISTS",
      "NAME_TAKEN",
    ],
    [
      "a uid that a foreign domain has",
      async ({ virsh, libvirtd }) => {
        const [spec, uid] = [smallSpec(), randomUUID()];
        await define(libvirtd.pool, virsh, `foreign-${spec.name}`, uid);
        return { spec, uid };
      },
      "ALREADY_EXISTS",
      "OWNED_BY_ANOTHER",
    ],
    [
      "an image that is not prepared",
      async () => {
        const image = Image.fromPartial({ name: "x", url: { url: "https://images.example/x.qcow2" } });
        return { spec: smallSpec({ image }) };
      },
      "FAILED_PRECONDITION",
      "IMAGE_NOT_PREPARED",
    ],
    [
      "a storage class that does not exist",
      async () => ({
        spec: smallSpec({
          disks: [Disk.fromPartial({ name: "root", sizeBytes: 1024 ** 2, storageClass: "gold" })],
        }),
      }),
      "FAILED_PRECONDITION",
      "STORAGE_CLASS_UNKNOWN",
    ],
  ] as const)("refuses %s and leaves nothing behind", async (_, given, code, reason) => {
    const { connection, holdings } = lab();
    const { spec, uid = randomUUID() } = await given(lab());
    const before = await holdings();
    await expect(create(connection, spec, uid)).rejects.toMatchObject({ code: status[code], reason });
    expect(await holdings()).toEqual(before);
  });

  test("another spec of the same uid is SPEC_MISMATCH", async () => {
    const { connection } = lab();
    const [uid, spec] = [randomUUID(), smallSpec()];
    const made = await create(connection, spec, uid);
    await expect(create(connection, { ...spec, cpus: 2 }, uid)).rejects.toMatchObject({
      reason: "SPEC_MISMATCH",
    });
    expect(await read(connection, uid)).toEqual(made);
  });

  test("what an interrupted call left is taken over, and grown", async () => {
    const { connection, virsh } = lab();
    const [uid, spec] = [randomUUID(), smallSpec()];
    await virsh("vol-create-as", "default", `${uid}-root.qcow2`, "1M", "--format", "qcow2");
    const vm = await create(connection, spec, uid);
    expect(vm.spec?.disks[0]?.sizeBytes).toBe(64 * 1024 ** 2);
    expect(await virsh("vol-info", "--bytes", `${uid}-root.qcow2`, "default")).toMatch(
      /Capacity:\s+67108864/,
    );
  });

  test("a pool that was made anew under its name is found again", async () => {
    const { connection, virsh, libvirtd, holdings } = lab();
    const target = `${libvirtd.pool}-anew`;
    const makePool = async () => {
      await virsh("pool-create-as", "anew", "dir", "--target", target, "--build");
      // Pools that were read a moment ago are not read again because one is missing.
      await new Promise((resolve) => setTimeout(resolve, 600));
    };
    const disks = [Disk.fromPartial({ name: "root", sizeBytes: 1024 ** 2, storageClass: "anew" })];
    await makePool();
    const [first, second] = [randomUUID(), randomUUID()];
    await create(connection, smallSpec({ disks }), first);
    await virsh("pool-destroy", "anew");
    await makePool();
    await create(connection, smallSpec({ disks }), second);
    expect(await virsh("vol-list", "anew")).toContain(second);
    await virsh("pool-destroy", "anew");
    await makePool();
    await remove(connection, first);
    await remove(connection, second);
    expect(await virsh("vol-list", "anew")).not.toMatch(/root/);
    expect((await holdings()).volumes).not.toContain(`${first}-root.qcow2`);
    await virsh("pool-destroy", "anew");
  });

  test("what is on another image is not taken over", async () => {
    const { connection, virsh, holdings } = lab();
    const [uid, spec] = [randomUUID(), smallSpec()];
    await virsh("vol-create-as", "default", "some-base.qcow2", "1M", "--format", "qcow2");
    await virsh(
      ...["vol-create-as", "default", `${uid}-root.qcow2`, "1M", "--format", "qcow2"],
      ...["--backing-vol", "some-base.qcow2", "--backing-vol-format", "qcow2"],
    );
    const before = await holdings();
    await expect(create(connection, spec, uid)).rejects.toMatchObject({ reason: "VOLUME_EXISTS" });
    expect(await holdings()).toEqual(before);
    await remove(connection, uid);
    expect((await holdings()).volumes).toEqual(before.volumes.filter((name) => !name.startsWith(uid)));
  });
});

async function define(folder: string, virsh: Lab["virsh"], name: string, uuid: string): Promise<void> {
  const file = join(folder, "..", `${name}.xml`);
  await writeFile(
    file,
    `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>16</memory><os><type arch='x86_64' machine='q35'>hvm</type></os></domain>`,
  );
  await virsh("define", file);
}
