import { describe, expect, test } from "@jest/globals";
import { provingGuest } from "../model/proving-guest.ts";
import type { PveOptions } from "../options.ts";
import type { PveVersion } from "../release.ts";
import { dataOf, type Running, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const agent = "/nodes/pve1/qemu/100/agent";

async function runningVm(
  config: Readonly<Record<string, unknown>>,
  options: PveOptions = {},
): Promise<Running> {
  const running = await withPve(options);
  await running.run("POST", "/nodes/pve1/qemu", { vmid: 100, agent: 1, ...config });
  await running.run("POST", "/nodes/pve1/qemu/100/status/start", {});
  return running;
}

/** Runs a program and gives its result, as a client does. */
async function execute({ call, get }: Running, command: readonly string[]): Promise<unknown> {
  const started = await call("POST", `${agent}/exec`, { command }, true);
  const { pid } = dataOf(started) as { pid: number };
  return get(`${agent}/exec-status`, { pid });
}

describe("the proof from inside", () => {
  test.each([
    { cpu: "host", nesting: true, exitcode: 0 },
    { cpu: "host", nesting: false, exitcode: 1 },
    { cpu: "kvm64", nesting: true, exitcode: 1 },
  ])(
    "cpu=$cpu on a node with nesting=$nesting: test -c /dev/kvm exits $exitcode",
    async ({ cpu, nesting, exitcode }) => {
      const running = await runningVm({ cpu }, { nodes: [{ name: "pve1", nesting }] });
      expect(await execute(running, ["test", "-c", "/dev/kvm"])).toEqual({ exited: 1, exitcode });
    },
  );

  test("from a shell, with what the programs wrote", async () => {
    const running = await runningVm({ cpu: "host" });
    const script = "test -c /dev/kvm && echo yes; cat /nowhere";
    expect(await execute(running, ["/bin/sh", "-c", script])).toEqual({
      exited: 1,
      exitcode: 1,
      "out-data": "yes\n",
      "out-truncated": 0,
      "err-data": "cat: /nowhere: No such file or directory\n",
      "err-truncated": 0,
    });
  });

  test.each(["6.4", "7.4", "8.4", "9.2"] as const)(
    "%s takes the command as a JSON list",
    async (version: PveVersion) => {
      const running = await runningVm({ cpu: "host" }, { version });
      expect(await execute(running, ["test", "-c", "/dev/kvm"])).toEqual({ exited: 1, exitcode: 0 });
    },
  );

  test("a scripted guest answers what it likes, and version no longer says simulated", async () => {
    const guest = () => ({ exec: () => ({ exitcode: 7, out: "scripted" }) });
    const running = await runningVm({}, { guest });
    expect(await execute(running, ["anything"])).toMatchObject({ exitcode: 7, "out-data": "scripted" });
    expect(await running.get("/version")).toMatchObject({ repoid: "14a22df3" });
    const plain = await withPve();
    expect(await plain.get("/version")).toEqual({ version: "9.2.11", release: "9.2", repoid: "simulated" });
  });

  test("a program that runs on has not exited", async () => {
    const guest = () => ({ exec: () => ({ exitcode: 0, ms: 60_000 }) });
    const running = await runningVm({}, { guest });
    expect(await execute(running, ["sleep", "60"])).toEqual({ exited: 0 });
  });

  test.each([
    { kvm: "opens", nesting: true, told: ["cpu=vmx", "kvm=character 10:232"] },
    { kvm: "missing", nesting: true, told: ["cpu=vmx", "kvm=missing"] },
    { kvm: "opens", nesting: false, told: ["cpu=none", "kvm=missing"] },
  ] as const)("VirtRigaud's script, kvm=$kvm with nesting=$nesting", async ({ kvm, nesting, told }) => {
    const nodes = [{ name: "pve1", nesting }];
    const running = await runningVm({ cpu: "host" }, { guest: provingGuest({ kvm }), nodes });
    const result = await execute(running, ["/bin/sh", "-c", "say cpu vmx\nsay end yes\n"]);
    const lines = (result as { "out-data": string })["out-data"].split("\n");
    expect(lines.filter((line) => /^(cpu|kvm)=/.test(line))).toEqual(told);
    expect(await execute(running, ["test", "-c", "/dev/kvm"])).toMatchObject({ exitcode: nesting ? 0 : 1 });
  });

  test("a binary that is not there breaks the connection behind the proxy", async () => {
    const { call } = await runningVm({});
    const { status, reason, body } = await call("POST", `${agent}/exec`, { command: ["/no/such"] }, true);
    expect([status, reason, body]).toEqual([596, "Broken pipe", ""]);
  });
});

test.each([
  { name: "that runs", config: {}, guest: {}, reason: "OK" },
  { name: "switched off", config: { agent: 0 }, guest: {}, reason: "QEMU guest agent is not running" },
  { name: "not started", config: {}, guest: { agent: false }, reason: "QEMU guest agent is not running" },
  { name: "still booting", config: {}, guest: { bootMs: 60_000 }, reason: "QEMU guest agent is not running" },
])("an agent $name: $reason", async ({ config, guest, reason }) => {
  const { call } = await runningVm(config, { guest: () => guest });
  expect((await call("POST", `${agent}/ping`, {})).reason).toBe(reason);
});

test("commands that the agent's administrator switched off", async () => {
  const { call, get } = await runningVm({}, { guest: () => ({ blocked: ["guest-exec", "guest-ping"] }) });
  const { result } = (await get(`${agent}/info`)) as {
    result: { supported_commands: { name: string; enabled: boolean }[] };
  };
  const disabled = result.supported_commands.filter(({ enabled }) => !enabled);
  expect(disabled.map(({ name }) => name)).toEqual(["guest-ping", "guest-exec"]);
  const refused = "has been disabled: the command is not allowed";
  for (const [command, name] of [
    ["exec", "guest-exec"],
    ["ping", "guest-ping"],
  ] as const) {
    const parameters = command === "exec" ? { command: ["true"] } : {};
    const { status, reason } = await call("POST", `${agent}/${command}`, parameters, true);
    expect([status, reason]).toEqual([500, `Agent error: Command ${name} ${refused}`]);
  }
});

test("the addresses of a guest's interfaces", async () => {
  const { get } = await runningVm({ net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0" });
  const { result } = (await get(`${agent}/network-get-interfaces`)) as { result: Record<string, unknown>[] };
  expect(result.map((each) => [each["name"], each["hardware-address"], each["ip-addresses"]])).toEqual([
    ["lo", "00:00:00:00:00:00", expect.any(Array)],
    ["eth0", "bc:24:11:00:00:01", [{ "ip-address": "192.0.2.101", "ip-address-type": "ipv4", prefix: 24 }]],
  ]);
});

test("a file that was written is read back", async () => {
  const { call, get } = await runningVm({});
  expect((await call("POST", `${agent}/file-write`, { file: "/tmp/x", content: "ünï\n" })).reason).toBe("OK");
  expect(await get(`${agent}/file-read`, { file: "/tmp/x" })).toEqual({ content: "ünï\n", "bytes-read": 6 });
});
