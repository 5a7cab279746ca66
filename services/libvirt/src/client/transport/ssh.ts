import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { LibvirtAuthError, LibvirtUnreachable } from "../errors.ts";
import type { Target } from "../uri.ts";
import type { OpenChannel } from "./channel.ts";
import { helperCommand } from "./ssh-command.ts";

type SshTarget = Extract<Target, { transport: "ssh" }>;

/** Files that ssh uses besides its own configuration. */
export interface SshFiles {
  /** Private key; without one ssh's defaults and agent. */
  readonly keyFile?: string | undefined;
  /** Host keys to accept; without one ssh's own known_hosts. */
  readonly knownHostsFile?: string | undefined;
}

/** As much of what ssh says as an error message can use. */
const MAX_STDERR = 2048;

/**
 * Tunnels through the system's OpenSSH: its configuration, agent and jump hosts apply, host keys are always checked,
 * and it never asks anything. Whether the other end accepts us shows only when the channel is used.
 */
export function openSsh(
  target: SshTarget,
  files: SshFiles,
  env: NodeJS.ProcessEnv = process.env,
): OpenChannel {
  return async (signal) => {
    signal.throwIfAborted();
    const child = spawn("ssh", sshArguments(target, files), { stdio: "pipe", env });
    return {
      input: child.stdout,
      output: child.stdin,
      ended: endOf(child, target.host),
      destroy() {
        child.stdin.destroy();
        child.kill();
      },
    };
  };
}

/** The command line for ssh, which runs `command` on the host; by default what leads to libvirtd. */
export function sshArguments(
  target: SshTarget,
  files: SshFiles,
  command: string = helperCommand(target.name, target.socket),
): string[] {
  const keyFile = files.keyFile ?? target.keyFile;
  const knownHostsFile = files.knownHostsFile ?? target.knownHostsFile;
  return [
    "-T",
    ...["-e", "none"],
    ...["-o", "BatchMode=yes"],
    ...["-o", "StrictHostKeyChecking=yes"],
    // A path with blanks or % would be read as several, or as a pattern.
    ...(knownHostsFile === undefined ? [] : ["-o", `UserKnownHostsFile=${quoted(knownHostsFile)}`]),
    ...(keyFile === undefined ? [] : ["-i", keyFile, "-o", "IdentitiesOnly=yes"]),
    ...(target.port === undefined ? [] : ["-p", String(target.port)]),
    ...(target.user === undefined ? [] : ["-l", target.user]),
    "--",
    target.host,
    command,
  ];
}

function quoted(path: string): string {
  return `"${path.replaceAll("%", "%%").replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Resolves when ssh has ended and all it said was read, to what that means. */
function endOf(child: ChildProcessWithoutNullStreams, host: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-MAX_STDERR);
    });
    // A write to an ssh that has ended; its end says more.
    child.stdin.on("error", () => {});
    child.once("error", (cause) => {
      const message = `cannot run ssh: ${cause.message}: install OpenSSH's client`;
      resolve(new LibvirtUnreachable(message, { sent: "no", cause }));
    });
    child.once("close", () => resolve(meaningOf(said, host)));
  });
}

// OpenSSH ends with 255 for all of these, so that its words are what tells them apart.
const BARRED: readonly (readonly [RegExp, string])[] = [
  [/Host key verification failed/, "add its host key to known_hosts, or name the file with known_hosts="],
  [/Permission denied/, "let the user's authorized_keys have the key, or name the key with keyfile="],
];

function meaningOf(said: string, host: string): Error | undefined {
  const words = said.trim().replaceAll(/\s*[\r\n]+\s*/g, "; ");
  if (words === "") return undefined;
  for (const [pattern, remedy] of BARRED) {
    if (pattern.test(words)) return new LibvirtAuthError(`ssh to ${host}: ${words}: ${remedy}`);
  }
  return new LibvirtUnreachable(`ssh to ${host}: ${words}`, { sent: "no" });
}
