import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail } from "../api/error.ts";
import { anyOn, on, type Permission } from "../api/permission.ts";
import { agentOf, answers, mustBeAllowed } from "../actions/agent.ts";
import { execIn } from "../model/guest.ts";
import { ProxyError } from "../api/proxy-error.ts";
import { byMajor } from "../schema/by-major.ts";
import { vmPath } from "../schema/parameters.ts";
import { flag, formatted, integer, required, text } from "../schema/schema.ts";

const path = "/nodes/{node}/qemu/{vmid}/agent";
const MOST_READ = 16_777_216;

/** Programs that ran; the agent forgets one when its result has been fetched. */
async function exec(call: Call) {
  const process = await agentOf(call);
  mustBeAllowed(process, "guest-exec");
  const { guest, virtualization, programs } = process;
  const argv = call.cluster.release.major >= 8 ? call.lists["command"] : call.values["command"]?.split("\0");
  const input = call.values["input-data"];
  if (argv === undefined && input === undefined) fail("command or input-data (or both) required");
  const result = execIn(guest, virtualization, argv ?? [], input);
  if (result === undefined) {
    // The agent's words for it have quotation marks that the status line cannot hold, which breaks the daemon's worker.
    await call.cluster.seconds(5);
    throw new ProxyError(596, "Broken pipe");
  }
  const pid = FIRST_PROGRAM + programs.size;
  const { exitcode, ms = 0, out = "", err = "" } = result;
  programs.set(pid, { endsAtMs: Date.now() + ms, exitcode, out, err });
  return { pid };
}

const FIRST_PROGRAM = 200;

async function execStatus(call: Call) {
  const process = await agentOf(call);
  mustBeAllowed(process, "guest-exec-status");
  const { programs } = process;
  const pid = Number(call.text("pid"));
  // PVE prints the agent's message as it comes, and the agent forgot to fill in the number.
  const program = programs.get(pid) ?? fail("Agent error: PID ld does not exist");
  if (Date.now() < program.endsAtMs) return { exited: 0 };
  return {
    exited: 1,
    exitcode: program.exitcode,
    ...(program.out === "" ? {} : { "out-data": program.out, "out-truncated": 0 }),
    ...(program.err === "" ? {} : { "err-data": program.err, "err-truncated": 0 }),
  };
}

async function readFile(call: Call) {
  const { files, guest, virtualization } = await agentOf(call);
  const file = call.text("file");
  const content = files.get(file) ?? execIn(guest, virtualization, ["/bin/cat", file], undefined)?.out;
  if (content === undefined)
    fail(`Agent error: failed to open file '${file}' (mode: 'r'): No such file or directory`);
  return { content, "bytes-read": Buffer.byteLength(content) };
}

async function writeFile(call: Call): Promise<null> {
  const { files } = await agentOf(call);
  const content = call.text("content");
  const encoded = call.values["encode"] === "0";
  files.set(call.text("file"), encoded ? Buffer.from(content, "base64").toString("utf8") : content);
  return null;
}

/** VM.Monitor until 8; privileges of their own since 9. */
const privilege = (name: string): Endpoint["permission"] =>
  byMajor<Permission>({
    6: on("/vms/{vmid}", "VM.Monitor"),
    9: anyOn("/vms/{vmid}", `VM.GuestAgent.${name}`, "VM.GuestAgent.Unrestricted"),
  });
const unrestricted = byMajor<Permission>({
  6: on("/vms/{vmid}", "VM.Monitor"),
  9: on("/vms/{vmid}", "VM.GuestAgent.Unrestricted"),
});

const commands: readonly {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly privilege: string;
}[] = [
  { name: "ping", method: "POST", privilege: "Audit" },
  { name: "info", method: "GET", privilege: "Audit" },
  { name: "get-osinfo", method: "GET", privilege: "Audit" },
  { name: "get-host-name", method: "GET", privilege: "Audit" },
  { name: "network-get-interfaces", method: "GET", privilege: "Audit" },
  { name: "fsfreeze-status", method: "POST", privilege: "FileSystemMgmt" },
  { name: "fsfreeze-freeze", method: "POST", privilege: "FileSystemMgmt" },
  { name: "fsfreeze-thaw", method: "POST", privilege: "FileSystemMgmt" },
  { name: "fstrim", method: "POST", privilege: "FileSystemMgmt" },
];

export const vmAgentEndpoints: readonly Endpoint[] = [
  ...commands.map(
    ({ name, method, privilege: needed }): Endpoint => ({
      method,
      path: `${path}/${name}`,
      permission: privilege(needed),
      parameters: vmPath,
      run: async (call) => ({ result: answers(await agentOf(call), call, name) }),
    }),
  ),
  {
    method: "POST",
    path: `${path}/exec`,
    permission: unrestricted,
    parameters: {
      ...vmPath,
      command: byMajor({
        6: formatted("string-alist"),
        8: required({ type: "array", items: formatted("string") }),
        9: required({ type: "array", items: text() }),
      }),
      "input-data": text({ maxLength: 65536 }),
    },
    run: exec,
  },
  {
    method: "GET",
    path: `${path}/exec-status`,
    permission: unrestricted,
    parameters: { ...vmPath, pid: required(integer()) },
    run: execStatus,
  },
  {
    method: "GET",
    path: `${path}/file-read`,
    permission: privilege("FileRead"),
    parameters: {
      ...vmPath,
      file: required(text()),
      count: byMajor({ 9: integer(1, MOST_READ) }),
      decode: byMajor({ 9: flag() }),
      offset: byMajor({ 9: integer(0) }),
    },
    run: readFile,
  },
  {
    method: "POST",
    path: `${path}/file-write`,
    permission: privilege("FileWrite"),
    parameters: {
      ...vmPath,
      file: required(text()),
      content: required(text({ maxLength: 61440 })),
      encode: byMajor({ 7: flag() }),
    },
    run: writeFile,
  },
];
