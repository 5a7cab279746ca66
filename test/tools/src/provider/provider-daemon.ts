import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connectProvider, type ProviderConnection } from "@virtrigaud/kit/client";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));

/** A provider that runs as users run it: its own process, configured by environment and files. */
export interface ProviderDaemon {
  address: string;
  healthAddress: string;
  pid: number;
  /** Everything that it wrote so far. */
  output(): string;
  connection: ProviderConnection;
  /** Replaces the mounted password, as a rotated Secret would. */
  setPassword(password: string): Promise<void>;
  /** SIGKILL, at once; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

export interface DaemonOptions {
  /** Of the configuration file: defaults, storageClasses. */
  settings?: object;
  /** Told the process id as soon as there is one, before the daemon serves. */
  onSpawn?: (pid: number) => void;
}

/** Which daemon, and what its folder of credentials holds besides. */
export interface DaemonCommand {
  /** Path in the repository. */
  script: string;
  endpoint: string;
  /** Content by name. */
  credentials: Readonly<Record<string, string>>;
  /** What the configuration file holds besides, in which files of the folder may be named. */
  configuration?: (directory: string) => object;
}

/** Starts a compiled provider (`pnpm build` makes it) on free loopback ports, in plaintext. Rejects when it ends before it serves. */
export async function startProviderDaemon(
  { script, endpoint, credentials, configuration = () => ({}) }: DaemonCommand,
  { settings = {}, onSpawn = () => {} }: DaemonOptions = {},
): Promise<ProviderDaemon> {
  const directory = await mkdtemp(join(tmpdir(), "virtrigaud-e2e-"));
  const file = (name: string, content: string) => writeFile(join(directory, name), content, { mode: 0o600 });
  for (const [name, content] of Object.entries(credentials)) await file(name, content);
  await file("config.json", JSON.stringify({ ...configuration(directory), ...settings }));
  const child = spawn(process.execPath, [script], {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      PROVIDER_ENDPOINT: endpoint,
      PROVIDER_CONFIG_FILE: join(directory, "config.json"),
      VIRTRIGAUD_CREDENTIALS_DIR: directory,
      PROVIDER_LISTEN_ADDRESS: "127.0.0.1:0",
      PROVIDER_HEALTH_ADDRESS: "127.0.0.1:0",
      VIRTRIGAUD_PROVIDER_INSECURE: "true",
      LOG_LEVEL: "debug",
    },
  });
  onSpawn(child.pid as number);
  const written: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => written.push(text));
  const ended = once(child, "exit").finally(() => rm(directory, { recursive: true, force: true }));
  const { address, health } = await serving(child, written);
  const connection = await connectProvider({ address, tls: "insecure", retries: 0, breaker: false });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    connection.close();
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  };
  return {
    address,
    healthAddress: health,
    pid: child.pid as number,
    output: () => written.join(""),
    connection,
    setPassword: (password) => file("password", password),
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

/** The addresses that the daemon announces on its standard output, which is read to its end. */
function serving(child: ChildProcess, written: string[]): Promise<{ address: string; health: string }> {
  const output = child.stdout;
  if (output === null) throw new Error("the daemon's standard output is not piped");
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output });
    lines.on("line", (line) => {
      written.push(`${line}\n`);
      const message = JSON.parse(line) as { msg: string; address: string; health: string };
      if (message.msg === "serving") resolve(message);
    });
    lines.on("close", () => reject(new Error(`the provider ended before it served:\n${written.join("")}`)));
  });
}
