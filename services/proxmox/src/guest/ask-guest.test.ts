import { describe, expect, test } from "@jest/globals";
import {
  type Guest,
  type GuestView,
  type Pve as Simulator,
  provingGuest,
  pveVersions,
} from "@virtrigaud/fakes";
import type { PveOptions as ClientOptions, Pve } from "../client/index.ts";
import { withPve } from "../client/testing/running.ts";
import { askGuest } from "./ask-guest.ts";
import { guestExec } from "./exec.ts";

const vm = { node: "pve1", vmid: 100 };
const call = { signal: new AbortController().signal };
const patience = { agentMs: 400, proofMs: 400 };

interface Started {
  readonly pve: Pve;
  readonly simulator: Simulator;
}

/** A running VM with nesting, and such a guest in it. */
async function started(
  guest: (view: GuestView) => Guest,
  simulated: Parameters<typeof withPve>[0] = {},
  options: Partial<ClientOptions> = {},
): Promise<Started> {
  const { pve, simulator } = await withPve({ guest, ...simulated }, options);
  const { nodes } = pve.api();
  await nodes.$("pve1").qemu.$post({ vmid: 100, agent: "1", cpu: "host" });
  await settled(simulator);
  await nodes.$("pve1").qemu.$(100).status.start.$post();
  await settled(simulator);
  return { pve, simulator };
}

/** Waits until no task runs. */
async function settled({ cluster }: Simulator): Promise<void> {
  await Promise.all(cluster.tasks.all().map(({ done }) => done));
}

const result =
  (out: string): (() => Guest) =>
  () => ({ exec: () => ({ exitcode: 0, out }) });

describe.each(pveVersions)("the proof by Proxmox VE %s", (version) => {
  test.each([
    { name: "Intel", node: { name: "pve1" }, cpu: "vmx", module: "kvm_intel" },
    { name: "AMD", node: { name: "pve1", vendor: "amd" }, cpu: "svm", module: "kvm_amd" },
  ] as const)("in a guest that can: $name", async ({ node, cpu, module }) => {
    const { pve } = await started(provingGuest(), { version, nodes: [node] });
    expect(await askGuest(pve, vm, call)).toEqual({
      system: "linux",
      way: "script",
      facts: new Map([
        ["cpu", cpu],
        ["hypervisor", "yes"],
        ["kvm", "character 10:232"],
        ["kvm_opens", "yes"],
        ["kvm_registered", "10:232"],
        ["module", module],
        ["nested", "1"],
        ["end", "yes"],
      ]),
    });
  });

  test("the program and its arguments arrive as they are", async () => {
    const ran: unknown[] = [];
    const { pve } = await started(
      () => ({
        exec(argv, input) {
          ran.push([argv, input]);
          return { exitcode: 3, out: "o", err: "e" };
        },
      }),
      { version },
    );
    const args = ["-c", 'a=1;b=2&c\n"$x" 100%+ü', ""];
    expect(await guestExec(pve, vm, { path: "/bin/sh", args, input: "in" }, call)).toEqual({
      code: 3,
      stdout: "o",
      stderr: "e",
    });
    expect(ran).toEqual([[["/bin/sh", ...args], "in"]]);
  });
});

describe("a guest that cannot be asked", () => {
  test.each<[string, Guest, string, string | RegExp]>([
    ["no agent within the patience", { agent: false }, "NO_GUEST_ACCESS", ""],
    ["one that still boots", { bootMs: 60_000 }, "NO_GUEST_ACCESS", ""],
    ["programs are not allowed", { blocked: ["guest-exec"] }, "GUEST_EXEC_BLOCKED", ""],
    [
      "not even asking what is allowed",
      { blocked: ["guest-info"] },
      "GUEST_EXEC_BLOCKED",
      /Agent error: Command guest-info has been disabled/,
    ],
    ["there is no such program", { exec: () => undefined }, "GUEST_EXEC_BLOCKED", /596 Broken pipe/],
    [
      "a program that fails",
      { exec: () => ({ exitcode: 127, err: "sh: not found" }) },
      "GUEST_ANSWER_UNREADABLE",
      "/bin/sh ended with 127 before the proof was told: sh: not found",
    ],
    [
      "Windows that tells nothing",
      { osinfo: { id: "mswindows" }, exec: () => ({ exitcode: 1 }) },
      "GUEST_ANSWER_UNREADABLE",
      "powershell.exe ended with 1 before the proof was told: ",
    ],
  ])("%s", async (_, guest, reason, words) => {
    const { pve } = await started(() => guest);
    const report = await askGuest(pve, vm, call, patience);
    expect(report).toEqual({ system: "silent", reason, words: expect.anything() });
    expect(report).toHaveProperty("words", typeof words === "string" ? words : expect.stringMatching(words));
  });

  test("the VM has no option for an agent", async () => {
    const { pve, simulator } = await started(() => ({}));
    delete simulator.cluster.vms.get(100)?.config["agent"];
    expect(await askGuest(pve, vm, call, { agentMs: 60_000, proofMs: 400 })).toMatchObject({
      reason: "NO_GUEST_ACCESS",
      words: expect.stringContaining("No QEMU guest agent configured"),
    });
  });

  test("a program that never ends", async () => {
    const { pve } = await started(() => ({ exec: () => ({ exitcode: 0, ms: 60_000 }) }));
    expect(await askGuest(pve, vm, call, patience)).toMatchObject({ reason: "GUEST_PROOF_TIMEOUT" });
  });

  test("that the VM is off is not the guest's answer", async () => {
    const { pve, simulator } = await started(() => ({}));
    await pve.api().nodes.$("pve1").qemu.$(100).status.stop.$post();
    await settled(simulator);
    await expect(askGuest(pve, vm, call, patience)).rejects.toMatchObject({
      reason: "VM 100 is not running",
    });
  });

  test("whoever cancels gets away at once", async () => {
    const { pve } = await started(() => ({ agent: false }));
    const cancelled = new AbortController();
    const asked = askGuest(pve, vm, cancelled, { agentMs: 60_000, proofMs: 60_000 });
    setTimeout(() => cancelled.abort(new Error("cancelled")), 50);
    await expect(asked).rejects.toThrow("cancelled");
  });
});

test("Windows runs PowerShell, once", async () => {
  const ran: (readonly string[])[] = [];
  const { pve } = await started(() => ({
    osinfo: { id: "mswindows" },
    exec(argv) {
      ran.push(argv);
      return { exitcode: 0, out: "vbs_status=2\r\nend=yes\r\n" };
    },
  }));
  expect(await askGuest(pve, vm, call, patience)).toEqual({
    system: "windows",
    facts: new Map([
      ["vbs_status", "2"],
      ["end", "yes"],
    ]),
  });
  const encoded = expect.stringMatching(/^[A-Za-z0-9+/=]+$/);
  expect(ran).toEqual([["powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded]]);
});

test("of what a program writes 64 KiB are taken", async () => {
  const { pve } = await started(result("x".repeat(100_000)));
  expect((await guestExec(pve, vm, { path: "x" }, call)).stdout).toBe("x".repeat(64 * 1024));
});
