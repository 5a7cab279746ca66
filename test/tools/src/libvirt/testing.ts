import { setTimeout as sleep } from "node:timers/promises";

import { run } from "../go/run.ts";
import { virsh } from "./daemon.ts";
import type { PrivateLibvirtd } from "./private-libvirtd.ts";

/** Defines the machine `name` with this disk; `devices` and `settings` are put into its XML as they are. */
export async function define(
  libvirtd: PrivateLibvirtd,
  name: string,
  { disk, devices = "", settings = "" }: { disk: string; devices?: string; settings?: string },
): Promise<void> {
  const xml = `<domain type="qemu">
    <name>${name}</name>
    <memory unit="MiB">512</memory>
    <vcpu>1</vcpu>
    ${settings}
    <os><type arch="x86_64" machine="q35">hvm</type></os>
    <features><acpi/></features>
    <devices>
      <disk type="file" device="disk">
        <driver name="qemu" type="qcow2"/>
        <source file="${disk}"/>
        <target dev="vda" bus="virtio"/>
      </disk>
      <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
      ${devices}
    </devices>
  </domain>`;
  await run("sh", ["-c", 'printf %s "$0" | virsh --connect "$1" define /dev/stdin', xml, libvirtd.uri]);
}

/** What the guest agent of a machine answers, as soon as there is one that answers. */
export async function askGuest(
  libvirtd: Pick<PrivateLibvirtd, "uri">,
  name: string,
  execute: string,
  args = {},
): Promise<unknown> {
  for (;;) {
    const command = JSON.stringify({ execute, arguments: args });
    const answer = await virsh(libvirtd.uri, "qemu-agent-command", name, command).catch(
      (error: Error) => error,
    );
    if (typeof answer === "string") return (JSON.parse(answer) as { return: unknown }).return;
    if (!answer.message.includes("agent is not")) throw answer;
    await sleep(200);
  }
}

/** What a program in a machine's guest wrote to its standard output by its end. @throws Error with what it wrote otherwise when it fails. */
export async function runInGuest(
  libvirtd: Pick<PrivateLibvirtd, "uri">,
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const ask = (execute: string, args: object) => askGuest(libvirtd, name, execute, args);
  const { pid } = (await ask("guest-exec", { path, "capture-output": true })) as { pid: number };
  for (;;) {
    const state = (await ask("guest-exec-status", { pid })) as ExecStatus;
    const text = (data = "") => Buffer.from(data, "base64").toString("utf8");
    if (state.exited && state.exitcode === 0) return text(state["out-data"]);
    if (state.exited) throw new Error(`${path} failed: ${text(state["err-data"])}`);
    await sleep(200, undefined, { signal });
  }
}

interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}
