import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";

import { whyMissing } from "../debian/missing.ts";
import { run } from "../go/run.ts";
import { isAlive, virsh } from "./daemon.ts";
import { buildGuestImage } from "./guest-image.ts";
import { type PrivateLibvirtd, startSystemLibvirtd } from "./private-libvirtd.ts";
import { askGuest, define } from "./testing.ts";

const reason =
  (await whyMissing(buildGuestImage({ firmware: "bios" }, console.info))) ??
  (await whyMissing(startSystemLibvirtd().then((libvirtd) => libvirtd.stop())));
const suite = reason === undefined ? describe : describe.skip;

/** Of no other machine on this host: cgroups and what is left of them are told apart by it. */
const name = `guest-${process.pid}`;

suite(`system libvirtd ${reason ?? ""}`, () => {
  let libvirtd: PrivateLibvirtd;
  afterEach(() => libvirtd.stop());

  test("has bridge, lease, TPM, shares and power button; its restart keeps the machine; stop leaves the system as it was", async () => {
    const before = await traces();
    libvirtd = await startSystemLibvirtd();
    const disk = await libvirtd.addImage((await buildGuestImage({ firmware: "bios" })).path, "guest.qcow2");
    await define(libvirtd, name, {
      disk,
      settings: "<cputune><shares>512</shares></cputune>",
      devices: `<interface type="network"><source network="default"/><model type="virtio"/></interface>
        <tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>`,
    });
    await virsh(libvirtd.uri, "start", name);
    expect(await virsh(libvirtd.uri, "schedinfo", name)).toMatch(/^cpu_shares +: 512$/m);
    await askGuest(libvirtd, name, "guest-ping");
    await libvirtd.kill();
    await libvirtd.restart();
    expect(await virsh(libvirtd.uri, "domstate", name)).toBe("running");
    const lease = await leaseOf();
    expect(lease).toMatch(/^192\.168\.122\.\d+\/24$/);
    expect(await virsh(libvirtd.uri, "domifaddr", name, "--source", "agent")).toContain(lease);
    const machine = Number(
      await readFile(libvirtd.socket.replace("libvirt-sock", `qemu/${name}.pid`), "utf8"),
    );
    expect(await isAlive(machine)).toBe(true);
    await virsh(libvirtd.uri, "shutdown", name, "--mode", "acpi");
    while ((await virsh(libvirtd.uri, "domstate", name)) !== "shut off") await sleep(200);
    expect(await isAlive(machine)).toBe(false);
    await virsh(libvirtd.uri, "start", name);
    await libvirtd.stop();
    expect(await traces()).toEqual(before);
  }, 180_000);

  async function leaseOf(): Promise<string> {
    for (;;) {
      const [, address] = / ipv4 +(\S+)/.exec(await virsh(libvirtd.uri, "domifaddr", name)) ?? [];
      if (address) return address;
      await sleep(500);
    }
  }
});

/** What a libvirtd could leave on this machine. */
async function traces() {
  const names = async (directory: string) => (await readdir(directory).catch(() => ["none"])).sort();
  const libvirt = [
    "/etc/libvirt",
    "/var/lib/libvirt",
    "/var/cache/libvirt",
    "/var/log/libvirt",
    "/run/libvirt",
  ];
  const directories = [...libvirt, "/var/log/swtpm", "/var/lib/swtpm-localca", "/sys/class/net"];
  const cgroups = await run("find", ["/sys/fs/cgroup", "-name", `*${name}.libvirt-qemu`]);
  return { cgroups, files: await Promise.all(directories.map(names)) };
}
