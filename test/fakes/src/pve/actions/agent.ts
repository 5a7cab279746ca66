import type { Call } from "../api/call.ts";
import { fail } from "../api/error.ts";
import { type Guest, interfacesOf } from "../model/guest.ts";
import type { Process } from "../model/vm.ts";
import { loadVm } from "./find.ts";

/** The running VM of a call, when its guest agent answers. PVE waits three seconds for one that does not. */
export async function agentOf(call: Call): Promise<Process> {
  const vm = loadVm(call);
  if (vm.config["agent"] === undefined) fail("No QEMU guest agent configured");
  if (vm.process === undefined) fail(`VM ${vm.vmid} is not running`);
  const { guest, startedAtMs, status } = vm.process;
  const booted = Date.now() - startedAtMs >= (guest.bootMs ?? 0);
  // A guest started without the agent's device has no channel to talk through.
  const hasChannel = isEnabled(vm.process.config["agent"]);
  if (hasChannel && booted && status === "running" && (guest.agent ?? true)) return vm.process;
  await call.cluster.seconds(3);
  fail("QEMU guest agent is not running");
}

/** Refuses a command that the agent may not execute. */
export function mustBeAllowed({ guest }: Process, command: string): void {
  if (guest.blocked?.includes(command))
    fail(`Agent error: Command ${command} has been disabled: the command is not allowed`);
}

/** Does an `agent` option enable the agent? */
export const isEnabled = (agent: string | undefined): boolean => /^(enabled=)?1/.test(agent ?? "");

const COMMANDS =
  "guest-sync guest-sync-delimited guest-ping guest-info guest-shutdown guest-exec guest-exec-status" +
  " guest-file-open guest-file-close guest-file-read guest-file-write guest-fsfreeze-status" +
  " guest-fsfreeze-freeze guest-fsfreeze-thaw guest-fstrim guest-network-get-interfaces guest-get-osinfo" +
  " guest-get-host-name";

/** What the agent answers to a command without parameters. */
export function answers(process: Process, call: Call, command: string): unknown {
  mustBeAllowed(process, `guest-${command}`);
  const view = { vmid: call.vmid, config: process.config };
  switch (command) {
    case "info":
      return {
        version: "8.2.0",
        supported_commands: COMMANDS.split(" ").map((name) => supported(process.guest, name)),
      };
    case "get-osinfo":
      return (
        process.guest.osinfo ?? {
          id: "debian",
          name: "Debian GNU/Linux",
          machine: "x86_64",
          "kernel-release": "6.12.0",
        }
      );
    case "get-host-name":
      return { "host-name": process.config["name"] ?? `VM${call.vmid}` };
    case "network-get-interfaces":
      return interfacesOf(process.guest, view).map((each) => ({ ...each, statistics }));
    case "fsfreeze-status":
      return process.frozen ? "frozen" : "thawed";
    case "fsfreeze-freeze":
      process.frozen = true;
      return 1;
    case "fsfreeze-thaw":
      process.frozen = false;
      return 1;
    case "fstrim":
      return { paths: [] };
    default:
      return {};
  }
}

const supported = ({ blocked = [] }: Guest, name: string) => ({
  name,
  enabled: !blocked.includes(name),
  "success-response": name !== "guest-shutdown",
});

const statistics = Object.fromEntries(
  ["rx", "tx"].flatMap((way) => ["bytes", "packets", "errs", "dropped"].map((what) => [`${way}-${what}`, 0])),
);
