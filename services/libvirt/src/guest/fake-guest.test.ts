import { afterEach, describe, expect, test } from "@jest/globals";
import { connectLibvirt, type Libvirt } from "../client/index.ts";
import { type FakeLibvirtd, startFakeLibvirtd } from "../testing/fake-libvirtd.ts";
import { FakeRefusal } from "../testing/fake-refusal.ts";
import { askGuest } from "./ask-guest.ts";
import { guestExec } from "./exec.ts";

const domain = { name: "guest", uuid: "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd", id: 1 };
const call = { signal: new AbortController().signal };
const patience = { agentMs: 400, proofMs: 400 };

type Answer = (args: Record<string, unknown>) => unknown;
const commands = (...names: string[]) => ({
  supported_commands: names.map((name) => ({ name, enabled: true })),
});
const exec = ["guest-exec", "guest-exec-status"];
const base64 = (text: string) => Buffer.from(text).toString("base64");

let fake: FakeLibvirtd;
let libvirt: Libvirt;
/** A libvirtd whose guest's agent answers so: a text as it is, everything else as what the command returns. */
async function guest(answers: Readonly<Record<string, Answer>>): Promise<void> {
  fake = await startFakeLibvirtd({
    answers: {
      domainAgentCommand: ({ command }) => {
        const { execute, arguments: args } = JSON.parse(command) as { execute: string; arguments: never };
        const answer = answers[execute];
        if (answer === undefined)
          throw new FakeRefusal(1, `unable to execute QEMU agent command '${execute}'`);
        const value = answer(args);
        return { result: typeof value === "string" ? value : JSON.stringify({ return: value }) };
      },
    },
  });
  libvirt = await connectLibvirt({ uri: fake.uri });
}
afterEach(async () => {
  libvirt.close();
  await fake.stop();
});

const refuse =
  (code: number, words: string): Answer =>
  () => {
    throw new FakeRefusal(code, words);
  };

describe("a guest that cannot be asked", () => {
  test.each<[string, Record<string, Answer>, string, string]>([
    [
      "the VM has no channel",
      { "guest-info": refuse(74, "QEMU guest agent is not configured") },
      "NO_GUEST_ACCESS",
      "domainAgentCommand: QEMU guest agent is not configured",
    ],
    ["no agent within the patience", { "guest-info": refuse(86, "not connected") }, "NO_GUEST_ACCESS", ""],
    ["nothing is allowed", { "guest-info": () => commands("guest-ping") }, "GUEST_EXEC_BLOCKED", ""],
    [
      "not even asking what is allowed",
      {},
      "GUEST_EXEC_BLOCKED",
      "domainAgentCommand: unable to execute QEMU agent command 'guest-info'",
    ],
    [
      "Windows that may not run programs",
      {
        "guest-info": () =>
          commands("guest-get-osinfo", "guest-file-open", "guest-file-read", "guest-file-close"),
        "guest-get-osinfo": () => ({ id: "mswindows" }),
      },
      "GUEST_EXEC_BLOCKED",
      "",
    ],
    [
      "a program that never ends",
      {
        "guest-info": () => commands(...exec),
        "guest-exec": () => ({ pid: 1 }),
        "guest-exec-status": () => ({ exited: false }),
      },
      "GUEST_PROOF_TIMEOUT",
      "",
    ],
    [
      "a program that fails",
      {
        "guest-info": () => commands(...exec),
        "guest-exec": () => ({ pid: 1 }),
        "guest-exec-status": () => ({ exited: true, exitcode: 127, "err-data": base64("sh: not found") }),
      },
      "GUEST_ANSWER_UNREADABLE",
      "/bin/sh ended with 127 before the proof was told: sh: not found",
    ],
    [
      "no JSON",
      { "guest-info": () => "{secret" },
      "GUEST_ANSWER_UNREADABLE",
      "guest-info: the guest's answer is not the agent's",
    ],
    [
      "no return",
      { "guest-info": () => "[]" },
      "GUEST_ANSWER_UNREADABLE",
      "guest-info: the guest's answer is not the agent's",
    ],
    [
      "a list of nothing",
      { "guest-info": () => ({ supported_commands: [null, 7, "x", []] }) },
      "GUEST_EXEC_BLOCKED",
      "",
    ],
    [
      "a list that is none",
      { "guest-info": () => ({ supported_commands: { length: 9e9 } }) },
      "GUEST_ANSWER_UNREADABLE",
      "guest-info: the guest's answer is not the agent's",
    ],
    [
      "a pid that is none",
      { "guest-info": () => commands(...exec), "guest-exec": () => ({ pid: "1; rm" }) },
      "GUEST_ANSWER_UNREADABLE",
      "guest-exec: the guest's answer is not the agent's",
    ],
    [
      "too much",
      { "guest-info": () => `"${"x".repeat(600_000)}"` },
      "GUEST_ANSWER_UNREADABLE",
      "guest-info: the guest answered 600002 characters, which are not read",
    ],
    [
      "nested without end",
      { "guest-info": () => "[".repeat(500_000) },
      "GUEST_ANSWER_UNREADABLE",
      "guest-info: the guest's answer is not the agent's",
    ],
  ])("%s", async (_, answers, reason, words) => {
    await guest(answers);
    expect(await askGuest(libvirt, domain, call, patience)).toEqual({ system: "silent", reason, words });
  });

  test("that the VM is off is not the guest's answer", async () => {
    await guest({ "guest-info": refuse(55, "domain is not running") });
    await expect(askGuest(libvirt, domain, call, patience)).rejects.toMatchObject({ code: 55 });
  });

  test("whoever cancels gets away at once", async () => {
    await guest({ "guest-info": refuse(86, "not connected") });
    const cancelled = new AbortController();
    const asked = askGuest(libvirt, domain, cancelled, { agentMs: 60_000, proofMs: 60_000 });
    setTimeout(() => cancelled.abort(new Error("cancelled")), 50);
    await expect(asked).rejects.toThrow("cancelled");
  });
});

test("Windows runs PowerShell, once", async () => {
  const ran: unknown[] = [];
  await guest({
    "guest-info": () => commands("guest-get-osinfo", ...exec),
    "guest-get-osinfo": () => ({ id: "mswindows" }),
    "guest-exec": (args) => {
      ran.push(args);
      return { pid: 4 };
    },
    "guest-exec-status": () => ({
      exited: true,
      exitcode: 0,
      "out-data": base64("vbs_status=2\r\nend=yes\r\n"),
    }),
  });
  expect(await askGuest(libvirt, domain, call, patience)).toEqual({
    system: "windows",
    facts: new Map([
      ["vbs_status", "2"],
      ["end", "yes"],
    ]),
  });
  const args = [
    "-NoProfile",
    "-NonInteractive",
    "-EncodedCommand",
    expect.stringMatching(/^[A-Za-z0-9+/=]+$/),
  ];
  expect(ran).toEqual([{ path: "powershell.exe", arg: args, "capture-output": true }]);
});

test("output that is no text, too long or no base64 comes as what can be read of it", async () => {
  const outputs = [42, base64("x".repeat(100_000)), "%%%"];
  await guest({
    "guest-exec": () => ({ pid: 1 }),
    "guest-exec-status": () => ({ exited: true, "out-data": outputs.shift() }),
  });
  const run = () => guestExec(libvirt, domain, { path: "x" }, call);
  await expect(run()).rejects.toMatchObject({ kind: "garbled" });
  expect((await run()).stdout).toBe("x".repeat(64 * 1024));
  expect(await run()).toEqual({ code: 128, stdout: "", stderr: "" });
});
