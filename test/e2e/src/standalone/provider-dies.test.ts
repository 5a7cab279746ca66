import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connectProvider } from "@virtrigaud/kit/client";
import { View } from "@virtrigaud/proto";
import { type Run, vrtg } from "../vrtg.ts";

const command = fileURLToPath(
  new URL("../../../memory-provider/bin/virtrigaud-memory-provider.js", import.meta.url),
);

interface Daemon {
  readonly address: string;
  kill(): Promise<void>;
}

let scratch = "";
let manifests = "";
let run: Run | undefined;
let daemons: ChildProcess[] = [];
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "virtrigaud-provider-dies-"));
  manifests = join(scratch, "manifests");
  await mkdir(manifests);
});
afterEach(async () => {
  run?.child.kill("SIGKILL");
  for (const daemon of daemons) daemon.kill("SIGKILL");
  [run, daemons] = [undefined, []];
  await rm(scratch, { recursive: true, force: true });
});

/** The daemon as its own process; its hypervisor, with images, VMs and operations, dies with it. */
async function start(listen: string): Promise<Daemon> {
  const child = spawn(
    process.execPath,
    [command, "--listen", listen, "--guest", "true", "--task-ms", "700"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  daemons.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { address } = JSON.parse(line) as { address: string };
  return {
    address,
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function declare(address: string): Promise<void> {
  const resource = (kind: string, name: string, spec: object) =>
    JSON.stringify({ apiVersion: "infra.virtrigaud.io/v1beta1", kind, metadata: { name }, spec });
  await writeFile(
    join(manifests, "vms.yaml"),
    [
      resource("Provider", "memory", {
        type: "libvirt",
        endpoint: "qemu:///system",
        credentialSecretRef: { name: "none" },
        runtime: { endpoint: `dns:///${address}`, service: { tls: { enabled: false } } },
        healthCheck: { interval: "200ms" },
      }),
      resource("VMImage", "debian", { source: { libvirt: { url: "https://images.example/debian.qcow2" } } }),
      resource("VMClass", "nested", {
        cpu: 2,
        memory: "4Gi",
        performanceProfile: { nestedVirtualization: true },
      }),
      resource("VirtualMachine", "lab", {
        providerRef: { name: "memory" },
        classRef: { name: "nested" },
        imageRef: { name: "debian" },
      }),
    ].join("\n---\n"),
  );
}

async function until(text: string): Promise<void> {
  for (let tries = 0; tries < 300 && run?.output().includes(text) !== true; tries += 1) await sleep(100);
  expect(run?.output()).toContain(text);
}

test.each([
  ["the image is imported", "import image"],
  ["the VM is made", "create VM"],
  ["it is powered on", "powerState On is being reached"],
  ["it runs, proven", "nested virtualization: verified"],
])(
  "a provider that is killed while %s and comes back empty: the VM comes up, once, proven",
  async (_, when) => {
    const first = await start("127.0.0.1:0");
    await declare(first.address);
    const flags = ["-f", scratch, "--state", join(tmpdir(), `${scratch.split("/").at(-1)}-state`)];
    run = vrtg("up", ...flags);
    await until(when);
    await first.kill();
    const second = await start(first.address);
    const connection = await connectProvider({ address: second.address, tls: "insecure" });
    try {
      const proven = async () => {
        const { vms } = await connection.listVMs({
          pageSize: 100,
          pageToken: "",
          view: View.BASIC,
          includeUnowned: false,
        });
        return vms.map(({ name, powerState, nested }) => `${name} ${powerState} ${nested?.verified}`);
      };
      const expected = ["lab POWER_STATE_ON TRISTATE_TRUE"];
      for (let tries = 0; tries < 200 && (await proven()).join() !== expected.join(); tries += 1)
        await sleep(100);
      expect(await proven()).toEqual(expected);
    } finally {
      connection.close();
    }
  },
  60_000,
);
