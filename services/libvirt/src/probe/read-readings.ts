import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Call } from "../call.ts";
import type { SshFiles, Target } from "../client/index.ts";
import { sshArguments } from "../client/transport/ssh.ts";
import type { Readings } from "../mapping/host-facts.ts";
import { parseReadings, readingFiles } from "../mapping/readings.ts";
import { oneLine } from "./unless-refused.ts";

const run = promisify(execFile);
const timeoutMs = 10_000;

/**
 * Prints "path:line" of each file that is there, whatever shell the user has: nothing in it means anything to one. Hosts with hundreds of CPUs
 * describe the first of them in fewer lines than that.
 */
const command = `grep -H -s -m 100 "" ${readingFiles.join(" ")}`;

/**
 * Reads the host's own files the way libvirtd is reached. Over TLS there is no way, and the answer is empty. Never fails but by the signal:
 * `notes` says why nothing could be read.
 */
export async function readReadings(
  target: Target,
  ssh: SshFiles,
  { signal }: Call,
  notes: string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Readings> {
  switch (target.transport) {
    case "unix":
      return parseReadings(await readLocal());
    case "tls":
      return {};
    case "ssh":
      try {
        return parseReadings(byPath(await readRemote(sshArguments(target, ssh, command), signal, env)));
      } catch (error) {
        signal.throwIfAborted();
        notes.push(`not told: the host's /proc and /sys over ssh: ${oneLine((error as Error).message)}`);
        return {};
      }
  }
}

async function readLocal(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await Promise.all(
    readingFiles.map(async (path) => {
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text !== undefined) found.set(path, text);
    }),
  );
  return found;
}

/** grep ends with 2 when some of the files are missing, as some always are. */
async function readRemote(args: string[], signal: AbortSignal, env: NodeJS.ProcessEnv): Promise<string> {
  const reading = run("ssh", args, { signal, env, timeout: timeoutMs });
  // A host that lets nothing but libvirt's helper run would wait for its input.
  reading.child.stdin?.end();
  return reading.then(
    ({ stdout }) => stdout,
    (error: Error & { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string }) => {
      if (error.code === 2 && error.stdout) return error.stdout;
      throw new Error(error.stderr?.trim() || `${error.message.split("\n")[0]}`);
    },
  );
}

/** The files in what grep prints. */
function byPath(printed: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of printed.split("\n")) {
    const path = readingFiles.find((one) => line.startsWith(`${one}:`));
    if (path !== undefined) found.set(path, `${found.get(path) ?? ""}${line.slice(path.length + 1)}\n`);
  }
  return found;
}
