import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../api/duration.ts";
import { StateFolderError } from "../store/folder/state-folder-error.ts";
import { deleteVms } from "./delete.ts";
import { type CliIo, EXIT, UsageError } from "./io.ts";
import { plan } from "./plan.ts";
import type { SessionOptions } from "./session.ts";
import { up } from "./up.ts";

interface CommonFlags {
  readonly file: string[];
  readonly state?: string;
  readonly credentials?: string;
  readonly simulate?: boolean;
  readonly timeout: number;
}

/** Runs a command line. @returns the exit code; problems were told on `io.err` */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!isUsage(error)) throw error;
    io.err(error.message);
    return EXIT.usage;
  }
}

function createProgram(io: CliIo, finish: (exitCode: number) => void): Command {
  const program = new Command("vrtg")
    .description("Declares virtual machines once and gets them on vSphere, libvirt/KVM or Proxmox VE.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    })
    .addHelpText("after", EXAMPLES);
  withCommonFlags(program.command("up"), "10m")
    .description("brings the VMs of the manifests up and keeps them as declared")
    .option("--once", "end when every VM reached its goal (exit code 0) or cannot (exit code 1)")
    .option("--simulate", SIMULATE)
    .addOption(output(["table", "json"]))
    .addHelpText("after", UP_NOTES)
    .action(async (flags: CommonFlags & { once?: boolean; output: "table" | "json" }) =>
      finish(
        await up(
          { ...session(flags), once: flags.once ?? false, timeoutMs: flags.timeout, output: flags.output },
          io,
        ),
      ),
    );
  withCommonFlags(program.command("plan"), "2m")
    .description("shows what would become of every knob of every VM, and makes nothing")
    .option("--simulate", SIMULATE)
    .addOption(output(["text", "json"]))
    .action(async (flags: CommonFlags & { output: "text" | "json" }) =>
      finish(await plan({ ...session(flags), timeoutMs: flags.timeout, output: flags.output }, io)),
    );
  withCommonFlags(program.command("delete"), "10m")
    .description("deletes the VMs of the manifests and waits until they are gone")
    .addHelpText("after", DELETE_NOTES)
    .action(async (flags: CommonFlags) =>
      finish(await deleteVms({ ...session(flags), timeoutMs: flags.timeout }, io)),
    );
  return program;
}

function withCommonFlags(command: Command, timeout: string): Command {
  return command
    .requiredOption("-f, --file <path...>", "manifests: files, or folders with *.yaml, *.yml and *.json")
    .option(
      "--state <dir>",
      "folder for UIDs and statuses (default: ~/.local/state/virtrigaud/<name of the folder>)",
    )
    .option("--credentials <dir>", "folder with <name of the Secret>/username, …/password, …/ca.crt")
    .addOption(
      new Option("--timeout <duration>", "longest wait, e.g. 90s or 5m")
        .argParser(duration)
        .default(duration(timeout), timeout),
    );
}

function session({ file, state, credentials, simulate }: CommonFlags): SessionOptions {
  return { paths: file, state, credentials, simulate: simulate ?? false };
}

function output(choices: readonly string[]): Option {
  return new Option("-o, --output <form>", "form of the result").choices(choices).default(choices[0]);
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new InvalidArgumentError('It has to be a duration such as "90s" or "5m".');
  }
}

/** What the user can put right: also a folder that cannot be written, which is a system call's error. */
function isUsage(error: unknown): error is Error {
  const known = error instanceof UsageError || error instanceof StateFolderError;
  return known || (error instanceof Error && "syscall" in error);
}

const SIMULATE =
  "put simulators, and for libvirt a private libvirtd, in the place of the Providers' endpoints; what they make is gone at the end";

const EXAMPLES = `
Examples:
  vrtg plan -f deploy/samples/nested --simulate        what every knob would become, without a hypervisor of yours
  vrtg up   -f deploy/samples/nested --simulate --once bring it up there, print the table, end
  vrtg up   -f vms/ --credentials ~/.virtrigaud        the real thing: watch the folder, keep the VMs as declared
  vrtg delete -f vms/old.yaml                          delete what that file declares

Exit codes: 0 all goals reached, 1 some not (reasons on the output), 2 command line or manifests wrong (nothing was done).`;

const UP_NOTES = `
Without --once it watches the manifests and ends on Ctrl-C; the VMs stay. Removing a manifest never deletes its VM:
"vrtg delete" does. Providers are started as child processes (virtrigaud-provider-<type> from PATH) unless a Provider's
spec.runtime.endpoint names a running one.`;

const DELETE_NOTES = `
Only VMs that "vrtg up" made with the same state folder are deleted. One with the annotation
virtrigaud.io/deletion-policy: Retain is kept.`;
