import { parseArgs } from "node:util";
import type { NodeOptions, PveOptions, TemplateOptions } from "./options.ts";
import { type PveVersion, pveVersions } from "./release.ts";

/** Which token the stand-alone command makes. */
export const TOKEN_ID = "root@pam!virtrigaud";

/** What --help prints. */
export const usage = `virtrigaud-pve: a simulated Proxmox VE cluster (its API only, in memory, nothing is kept)

  --pve VERSION            6.4, 7.4, 8.4 or 9.2 (9.2)
  --listen HOST:PORT       address to serve on (127.0.0.1:0, a free port)
  --node NAME[:KIND]       a node, may be given again; KIND is nesting, no-nesting, no-kvm or offline (pve1:nesting)
  --vendor intel|amd       of all nodes (intel)
  --template VMID:NAME     a template that is there from the start, may be given again (9000:debian-13)
  --plain-http             HTTP instead of HTTPS with a throw-away certificate
  --latency-ms N           added to every answer (0)
  --task-ms N              how long a task takes (500)
  --help                   this text

PVE_TOKEN_SECRET in the environment is the secret of the API token ${TOKEN_ID}, which may do everything.
Prints one line {"url","tokenId","certificatePem","fingerprint"} once it serves. Ends with its standard input or by SIGTERM.
`;

/** A parsed command line. */
export type CommandLine =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problems: readonly string[] }
  | { readonly kind: "start"; readonly options: PveOptions };

const kinds: Readonly<Record<string, Partial<NodeOptions>>> = {
  nesting: {},
  "no-nesting": { nesting: false },
  "no-kvm": { nesting: false, kvm: false },
  offline: { online: false },
};

/** Parses arguments and environment; every problem at once. */
export function readCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const values = parse(args);
  if (typeof values === "string") return { kind: "wrong", problems: [values] };
  if (values.help) return { kind: "help" };
  const problems: string[] = [];
  const options = readOptions(values, problems);
  const secret = env["PVE_TOKEN_SECRET"] ?? "";
  if (secret === "") problems.push("PVE_TOKEN_SECRET is not set: choose the secret of the API token");
  if (problems.length > 0) return { kind: "wrong", problems };
  return { kind: "start", options: { ...options, tokens: [{ id: TOKEN_ID, secret }] } };
}

type Values = Exclude<ReturnType<typeof parse>, string>;

function readOptions(values: Values, problems: string[]): PveOptions {
  const { pve, vendor } = values;
  if (!(pveVersions as readonly string[]).includes(pve))
    problems.push(`--pve ${pve}: must be ${pveVersions.join(", ")}`);
  if (vendor !== "intel" && vendor !== "amd") problems.push(`--vendor ${vendor}: must be intel or amd`);
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(values.listen) ?? [];
  if (host === "") problems.push(`--listen ${values.listen}: must be HOST:PORT`);
  const cpu = vendor === "amd" ? "amd" : "intel";
  return {
    version: pve as PveVersion,
    listen: { host, port: Number(port) },
    nodes: values.node.map((text) => readNode(text, cpu, problems)),
    templates: values.template.map((text) => readTemplate(text, problems)),
    tls: !values["plain-http"],
    latencyMs: milliseconds("latency-ms", values["latency-ms"], problems),
    taskMs: milliseconds("task-ms", values["task-ms"], problems),
    secondMs: 1000,
  };
}

function readNode(text: string, vendor: "intel" | "amd", problems: string[]): NodeOptions {
  const [name = "", kind = "nesting"] = text.split(":");
  const options = kinds[kind];
  if (options === undefined) problems.push(`--node ${text}: KIND must be ${Object.keys(kinds).join(", ")}`);
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(name))
    problems.push(`--node ${text}: no valid node name`);
  return { name, vendor, ...options };
}

function readTemplate(text: string, problems: string[]): TemplateOptions {
  const [, vmid = "0", name = ""] = /^([1-9]\d{2,8}):([a-zA-Z0-9][a-zA-Z0-9.-]*)$/.exec(text) ?? [];
  if (name === "") problems.push(`--template ${text}: must be VMID:NAME`);
  return { vmid: Number(vmid), name };
}

function milliseconds(name: string, text: string, problems: string[]): number {
  if (!/^\d+$/.test(text)) problems.push(`--${name} ${text}: must be a whole number of milliseconds`);
  return Number(text);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        pve: { type: "string", default: "9.2" },
        listen: { type: "string", default: "127.0.0.1:0" },
        node: { type: "string", multiple: true, default: ["pve1:nesting"] },
        vendor: { type: "string", default: "intel" },
        template: { type: "string", multiple: true, default: ["9000:debian-13"] },
        "plain-http": { type: "boolean", default: false },
        "latency-ms": { type: "string", default: "0" },
        "task-ms": { type: "string", default: "500" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    // parseArgs throws for what it does not know; its message names the argument.
    return error instanceof Error ? error.message : String(error);
  }
}
