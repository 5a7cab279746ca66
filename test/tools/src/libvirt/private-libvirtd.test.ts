import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "@jest/globals";

import { whyMissing } from "../debian/missing.ts";
import { run } from "../go/run.ts";
import { isAlive, virsh } from "./daemon.ts";
import { buildGuestImage } from "./guest-image.ts";
import { type PrivateLibvirtd, startPrivateLibvirtd } from "./private-libvirtd.ts";
import { askGuest, define } from "./testing.ts";

const reason =
  (await whyMissing(buildGuestImage({ firmware: "bios" }, console.info))) ??
  (await whyMissing(startPrivateLibvirtd().then((libvirtd) => libvirtd.stop())));
const suite = reason === undefined ? describe : describe.skip;
const patient = 120_000;

suite(`private libvirtd ${reason ?? ""}`, () => {
  let libvirtd: PrivateLibvirtd;
  afterEach(() => libvirtd.stop());

  const started = async () => {
    libvirtd = await startPrivateLibvirtd();
  };

  test("answers, has an active pool and nothing else, and is nobody's that matters", async () => {
    await started();
    expect(await virsh(libvirtd.uri, "uri")).toBe(libvirtd.uri);
    expect(await virsh(libvirtd.uri, "list", "--all", "--name")).toBe("");
    expect(await virsh(libvirtd.uri, "net-list", "--all", "--name")).toBe("");
    expect(await virsh(libvirtd.uri, "pool-list", "--all", "--name")).toBe("default");
    expect(await virsh(libvirtd.uri, "pool-dumpxml", "default")).toContain(`<path>${libvirtd.pool}</path>`);
    expect(await virsh(libvirtd.uri, "vol-list", "default")).toBe("");
    expect((await stat(`/proc/${libvirtd.pid}`)).uid).not.toBe(0);
  });

  test("two of them do not see each other's machines", async () => {
    await started();
    const other = await startPrivateLibvirtd();
    try {
      await define(libvirtd, "mine", { disk: "/nonexistent" });
      expect(await virsh(libvirtd.uri, "list", "--all", "--name")).toBe("mine");
      expect(await virsh(other.uri, "list", "--all", "--name")).toBe("");
    } finally {
      await other.stop();
    }
  });

  test("frozen it answers nobody, thawed everyone who waited", async () => {
    await started();
    libvirtd.freeze();
    let answered = false;
    const answer = virsh(libvirtd.uri, "list", "--name").then(() => {
      answered = true;
    });
    await sleep(500);
    expect(answered).toBe(false);
    libvirtd.thaw();
    await answer;
  });

  test(
    "a machine outlives the daemon's crash and restarts; stop leaves no process and no file",
    async () => {
      await started();
      const { path } = await buildGuestImage({ firmware: "bios" });
      const disk = await libvirtd.addImage(path, "guest.qcow2");
      await define(libvirtd, "guest", { disk });
      await virsh(libvirtd.uri, "start", "guest");
      const boot = await bootId();
      const machine = await machinePid(libvirtd);
      const first = libvirtd.pid;

      await libvirtd.kill();
      expect([await isAlive(first), await isAlive(machine)]).toEqual([false, true]);
      await expect(virsh(libvirtd.uri, "list")).rejects.toThrow("Connection refused");
      await libvirtd.restart();
      expect(await virsh(libvirtd.uri, "domstate", "guest")).toBe("running");
      await libvirtd.restart();
      expect(await virsh(libvirtd.uri, "domstate", "guest")).toBe("running");
      expect(await bootId()).toBe(boot);
      expect(await machinePid(libvirtd)).toBe(machine);
      expect(libvirtd.pid).not.toBe(first);

      const last = libvirtd.pid;
      await libvirtd.stop();
      expect([await isAlive(last), await isAlive(machine)]).toEqual([false, false]);
      await expect(readdir(dirname(libvirtd.pool))).rejects.toThrow("ENOENT");
    },
    patient,
  );

  async function bootId(): Promise<string> {
    const path = "/proc/sys/kernel/random/boot_id";
    const handle = await askGuest(libvirtd, "guest", "guest-file-open", { path });
    const content = await askGuest(libvirtd, "guest", "guest-file-read", { handle });
    return Buffer.from((content as { "buf-b64": string })["buf-b64"], "base64").toString("utf8");
  }
});

const command = fileURLToPath(new URL("../../bin/virtrigaud-libvirtd.js", import.meta.url));

suite("the command virtrigaud-libvirtd", () => {
  test.each<[string, (child: ChildProcess) => void, [number | null, string | null]]>([
    ["standard input ends", (child) => child.stdin?.end(), [0, null]],
    ["SIGTERM", (child) => child.kill("SIGTERM"), [0, null]],
    ["SIGKILL", (child) => child.kill("SIGKILL"), [null, "SIGKILL"]],
  ])("leaves nothing on %s", async (_, end, expected) => {
    const child = spawn(command, [], { stdio: ["pipe", "pipe", "ignore"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const ready = JSON.parse(line.toString("utf8")) as { uri: string; pid: number; pool: string };
    expect(Object.keys(ready).sort()).toEqual(["pid", "pool", "socket", "uri", "user"]);
    expect(await run("virsh", ["-c", ready.uri, "uri"])).toBe(`${ready.uri}\n\n`);
    const exit = once(child, "exit");
    end(child);
    expect(await exit).toEqual(expected);
    // After SIGKILL the cleaning goes on behind it.
    const deadline = AbortSignal.timeout(3000);
    while (await stat(dirname(ready.pool)).catch(() => undefined))
      await sleep(20, undefined, { signal: deadline });
    expect(await isAlive(ready.pid)).toBe(false);
  });
});

/** The only machine's process, as libvirtd recorded it. */
async function machinePid({ socket }: PrivateLibvirtd): Promise<number> {
  return Number(await readFile(join(dirname(socket), "qemu/run/guest.pid"), "utf8"));
}
