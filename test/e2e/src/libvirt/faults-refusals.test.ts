import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { VMSpec } from "@virtrigaud/proto";
import { startLibvirtProvider } from "@virtrigaud/test-tools";
import { create, describeOnLibvirtd, holdings, MiB, remove, smallSpec, virsh } from "./faults-lab.ts";
import { settings } from "./faults-victim.ts";

const run = promisify(execFile);
const [failedPrecondition, resourceExhausted] = [9, 8];

describeOnLibvirtd("a host that cannot", (libvirtd) => {
  let before: Awaited<ReturnType<typeof holdings>>;
  beforeAll(async () => {
    before = await holdings(libvirtd());
  });
  afterAll(() => libvirtd().stop(), 60_000);

  test("run VMs by KVM, which the operator insists on: refused with what to do, nothing is left", async () => {
    // Its account is not in group kvm, and then libvirt offers none.
    if ((await virsh(libvirtd(), "capabilities")).includes("<domain type='kvm'")) return;
    const provider = await startLibvirtProvider(libvirtd().uri, { settings: { ...settings, accel: "kvm" } });
    await expect(create(provider.connection, randomUUID(), smallSpec())).rejects.toMatchObject({
      code: failedPrecondition,
      message: expect.stringMatching(/kvm/),
    });
    expect(await holdings(libvirtd())).toEqual(before);
    await provider.stop();
  }, 60_000);

  test("store what it is asked to: STORAGE_FULL, nothing is left, and it works when there is room", async () => {
    const disk = await mountSmall();
    if (disk === undefined) return;
    const provider = await startLibvirtProvider(libvirtd().uri, { settings });
    try {
      await virsh(libvirtd(), "pool-create-as", "small", "dir", "--target", disk);
      await writeFile(join(disk, "filler"), Buffer.alloc(2 * MiB)).catch(() => {});
      const [uid, spec] = [randomUUID(), inPool("small")];
      await expect(create(provider.connection, uid, spec)).rejects.toMatchObject({
        code: resourceExhausted,
        reason: "STORAGE_FULL",
      });
      const volumes = () => virsh(libvirtd(), "vol-list", "small");
      await virsh(libvirtd(), "pool-refresh", "small");
      expect(await volumes()).not.toContain(uid);
      expect(await holdings(libvirtd())).toEqual(before);
      await rm(join(disk, "filler"));
      await create(provider.connection, uid, spec);
      expect(await volumes()).toContain(`${uid}-seed.iso`);
      await remove(provider.connection, uid);
      expect(await volumes()).not.toContain(uid);
      await virsh(libvirtd(), "pool-destroy", "small");
    } finally {
      await provider.stop();
      await run("umount", [disk]);
      await rm(disk, { recursive: true });
    }
  }, 60_000);
});

const inPool = (storageClass: string): VMSpec => ({
  ...smallSpec({
    disks: [{ name: "root", sizeBytes: MiB, storageClass }],
    cloudInit: { userData: "#cloud-config\n" },
  }),
});

/** A disk of 2 MiB; undefined where this process may not mount one. */
async function mountSmall(): Promise<string | undefined> {
  const folder = await mkdtemp("/tmp/small-");
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=2m", "none", folder]);
    await chmod(folder, 0o777);
    return folder;
  } catch {
    console.warn("not tested: mounting needs CAP_SYS_ADMIN");
    await rm(folder, { recursive: true });
    return undefined;
  }
}
