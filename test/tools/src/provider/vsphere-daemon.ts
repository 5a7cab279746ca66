import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connectProvider, type ProviderConnection } from "@virtrigaud/kit/client";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));

/** What a vSphere provider is pointed at. */
export interface VcenterAccess {
  url: string;
  username: string;
  password: string;
  certificatePem: string;
}

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

/** Starts the compiled vSphere provider (`pnpm build` makes it) on free loopback ports, in plaintext. Rejects when it ends before it serves. */
export async function startVsphereProvider(
  vcenter: VcenterAccess,
  { settings = {}, onSpawn = () => {} }: DaemonOptions = {},
): Promise<ProviderDaemon> {
  const directory = await mkdtemp(join(tmpdir(), "virtrigaud-e2e-"));
  const file = async (name: string, content: string) => {
    await writeFile(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  await file("username", vcenter.username);
  await file("password", vcenter.password);
  const caFile = await file("ca.crt", vcenter.certificatePem);
  const configFile = await file("config.json", JSON.stringify({ caFile, ...settings }));
  const child = spawn(process.execPath, ["services/vsphere/bin/virtrigaud-provider-vsphere.js"], {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      PROVIDER_ENDPOINT: vcenter.url,
      PROVIDER_CONFIG_FILE: configFile,
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
    setPassword: async (password) => void (await file("password", password)),
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

/** The addresses that the daemon announces on its standard output. */
async function serving(child: ChildProcess, written: string[]): Promise<{ address: string; health: string }> {
  if (child.stdout === null) throw new Error("the daemon's standard output is not piped");
  for await (const line of createInterface({ input: child.stdout })) {
    written.push(`${line}\n`);
    const message = JSON.parse(line) as { msg: string; address: string; health: string };
    if (message.msg === "serving") return message;
  }
  throw new Error(`the provider ended before it served:\n${written.join("")}`);
}
