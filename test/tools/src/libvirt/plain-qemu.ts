import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { GuestAgent } from "./guest-agent.ts";
import type { GuestImage } from "./guest-image.ts";
import type { Firmware } from "./image/boot-disk.ts";

export interface PlainMachineOptions {
  readonly image: GuestImage;
  readonly firmware: Firmware;
  /** QEMU's -cpu. */
  readonly cpu: string;
  readonly signal: AbortSignal;
}

/** A virtual machine without libvirt, to test the guest image by itself. Always emulated, so it runs anywhere. */
export interface PlainMachine {
  readonly agent: GuestAgent;
  /** What the guest wrote to its serial console so far. */
  console(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the machine on a throw-away copy of the image and waits until its guest agent answers. */
export async function bootPlainMachine(options: PlainMachineOptions): Promise<PlainMachine> {
  const home = await mkdtemp(join(tmpdir(), "virtrigaud-qemu-"));
  const socket = join(home, "agent.sock");
  const serial = join(home, "console.log");
  const child = spawn(
    "qemu-system-x86_64",
    [
      ...["-accel", "tcg", "-machine", "q35", "-cpu", options.cpu, "-smp", "2", "-m", "512"],
      ...["-display", "none", "-nodefaults", "-serial", `file:${serial}`],
      ...["-drive", `file=${options.image.path},format=qcow2,if=virtio,snapshot=on`],
      ...["-netdev", "user,id=net0", "-device", "virtio-net-pci,netdev=net0"],
      ...["-chardev", `socket,id=agent,path=${socket},server=on,wait=off`],
      ...["-device", "virtio-serial", "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"],
      ...(options.firmware === "uefi" ? await ovmf(home) : []),
    ],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, TMPDIR: home } },
  );
  const words: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => words.push(text));
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(home, { recursive: true });
  };
  try {
    const failed = ended.then(() => Promise.reject(new Error(`qemu ended: ${words.join("")}`)));
    const agent = await Promise.race([connected(socket, options.signal), failed]);
    return { agent, console: () => readFile(serial, "utf8"), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connected(socket: string, signal: AbortSignal): Promise<GuestAgent> {
  while (!(await stat(socket).catch(() => undefined))) await sleep(20, undefined, { signal });
  return GuestAgent.connect(socket, signal);
}

async function ovmf(home: string): Promise<string[]> {
  const variables = join(home, "OVMF_VARS.fd");
  await copyFile("/usr/share/OVMF/OVMF_VARS_4M.fd", variables);
  return [
    ...["-drive", "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"],
    ...["-drive", `if=pflash,format=raw,file=${variables}`],
  ];
}
