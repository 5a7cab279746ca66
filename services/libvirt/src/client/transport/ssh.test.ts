import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { startFakeLibvirtd } from "../../testing/fake-libvirtd.ts";
import { LibvirtAuthError, LibvirtUnreachable } from "../errors.ts";
import { connectLibvirt } from "../libvirt.ts";
import { parseLibvirtUri } from "../uri.ts";
import { sshArguments } from "./ssh.ts";
import { helperCommand } from "./ssh-command.ts";

const strict = ["-T", "-e", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"];

describe("the command line", () => {
  test.each([
    ["qemu+ssh://host1/system", {}, ["--", "host1"]],
    [
      "qemu+ssh://virt@host1:22/system?keyfile=/k/id&known_hosts=/k/hosts",
      {},
      [
        ...["-o", 'UserKnownHostsFile="/k/hosts"', "-i", "/k/id", "-o", "IdentitiesOnly=yes"],
        ...["-p", "22", "-l", "virt", "--", "host1"],
      ],
    ],
    [
      "qemu+ssh://host1/system?keyfile=/k/id",
      { keyFile: "/secret/id", knownHostsFile: '/a b/%h"' },
      [
        "-o",
        'UserKnownHostsFile="/a b/%%h\\""',
        "-i",
        "/secret/id",
        "-o",
        "IdentitiesOnly=yes",
        "--",
        "host1",
      ],
    ],
  ])("%s", (uri, files, expected) => {
    const target = parseLibvirtUri(uri);
    if (target.transport !== "ssh") throw new Error("not ssh");
    expect(sshArguments(target, files)).toEqual([
      ...strict,
      ...expected,
      helperCommand("qemu:///system", undefined),
    ]);
  });
});

/** Programs of a host, which say how they were called. */
let host: string;
beforeEach(() => {
  host = mkdtempSync(join(tmpdir(), "ssh-test-"));
});
afterEach(() => rmSync(host, { recursive: true, force: true }));

function program(name: string, script: string): void {
  writeFileSync(join(host, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(host, name), 0o755);
}

describe("on the host", () => {
  const helper = 'echo "helper $*"';
  const nc = (usage: string) => `if [ "$1" = -h ]; then echo "${usage}"; else echo "nc $*"; fi`;
  test.each([
    ["the helper", "qemu:///system", undefined, { "virt-ssh-helper": helper }, "helper qemu:///system\n"],
    ["no helper", "qemu:///system", undefined, { nc: nc("-N") }, "nc -U /var/run/libvirt/libvirt-sock\n"],
    ["a socket", "qemu:///system", "/s", { "virt-ssh-helper": helper, nc: nc("-q secs") }, "nc -q 0 -U /s\n"],
    ["an odd socket", "qemu:///system", `/it's $(x) "y"`, { nc: nc("") }, `nc -U /it's $(x) "y"\n`],
    [
      "a user's own daemon",
      "qemu:///session",
      undefined,
      { "virt-ssh-helper": helper },
      "helper qemu:///session\n",
    ],
  ])("%s", (_, name, socket, programs, output) => {
    program("sh", 'exec /bin/sh "$@"');
    for (const [called, script] of Object.entries(programs)) program(called, script);
    const result = spawnSync("/bin/sh", ["-c", helperCommand(name, socket)], {
      env: { PATH: host },
      encoding: "utf8",
    });
    expect(result.stdout).toBe(output);
  });
});

describe("with a stand-in for ssh", () => {
  const path = process.env["PATH"];
  beforeEach(() => {
    process.env["PATH"] = `${host}:${path}`;
  });
  afterEach(() => {
    process.env["PATH"] = path;
  });

  test("calls go through it", async () => {
    const fake = await startFakeLibvirtd({ answers: { connectGetHostname: () => ({ hostname: "host1" }) } });
    const relay = `process.stdin.pipe(require("net").connect(process.argv.at(-1))).pipe(process.stdout)`;
    // Takes the socket's place from the command that it was to run.
    program("ssh", `exec '${process.execPath}' -e '${relay}' '${fake.socket}'`);
    const libvirt = await connectLibvirt({ uri: "qemu+ssh://host1/system" });
    expect(await libvirt.call("connectGetHostname", {})).toEqual({ hostname: "host1" });
    libvirt.close();
    await fake.stop();
  });

  test.each([
    [
      "Host key verification failed.",
      LibvirtAuthError,
      "ssh to host1: Host key verification failed.: add its host key to known_hosts, or name the file with known_hosts=",
    ],
    [
      "virt@host1: Permission denied (publickey).",
      LibvirtAuthError,
      "ssh to host1: virt@host1: Permission denied (publickey).: let the user's authorized_keys have the key, or name the key with keyfile=",
    ],
    [
      "ssh: connect to host host1 port 22: Connection refused",
      LibvirtUnreachable,
      "ssh to host1: ssh: connect to host host1 port 22: Connection refused",
    ],
  ])("%s", async (words, kind, message) => {
    program("ssh", `echo '${words}' >&2; exit 255`);
    const failure = await connectLibvirt({ uri: "qemu+ssh://host1/system" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(kind);
    expect((failure as Error).message).toContain(message);
  });

  test("no ssh at all", async () => {
    process.env["PATH"] = host;
    const failure = connectLibvirt({ uri: "qemu+ssh://host1/system" });
    await expect(failure).rejects.toThrow(/cannot run ssh: .*: install OpenSSH's client/);
  });
});
