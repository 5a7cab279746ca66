import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Pve, type PveVersion, startPve } from "@virtrigaud/fakes";
import type { AppliedCapability } from "@virtrigaud/proto";
import { appliedCapabilities } from "./applied.ts";
import { configureClone } from "./clone.ts";
import { imageText } from "./image.ts";
import { readMarker } from "./ownership.ts";
import { effectiveSpec, type Plan, type PlanInput, planVm } from "./plan.ts";
import { goldenCases, versions } from "./testing/golden-cases.ts";
import { uid } from "./testing/sample-plan.ts";
import type { Parameters, VmConfig } from "./vm-config.ts";

const gib = 2 ** 30;

/** A cluster like that of the sample plans; the seed's file is there as if it had been uploaded. */
const simulate = async (version: PveVersion): Promise<Pve> => {
  const pve = await startPve({
    version,
    tls: false,
    nodes: [
      { name: "pve1", cpus: 64, memoryBytes: 256 * gib, bridges: ["vmbr0", "vmbr1", "lab"] },
      { name: "pve3", vendor: "amd", cpus: 64, memoryBytes: 256 * gib },
    ],
    storages: [
      { id: "local-lvm", type: "lvmthin" },
      { id: "fast-ssd", type: "zfspool" },
      { id: "thick", type: "lvm" },
      { id: "nfs", type: "nfs" },
    ],
    templates: [
      {
        vmid: 9000,
        name: "ubuntu-22-04",
        storage: "local-lvm",
        config: { agent: "1", scsihw: "virtio-scsi-single", serial0: "socket", description: "made by hand" },
      },
    ],
  });
  pve.cluster.storages.get("nfs")?.addFile("pve1", "iso", `iso/vrtg-${uid}-seed.iso`, "raw", 2 ** 20);
  return pve;
};

/** Sends plans to a simulator as the provider would. */
class Sender {
  readonly #pve: Pve;

  constructor(pve: Pve) {
    this.#pve = pve;
  }

  async make(vmid: number, { node, create, clone }: Plan): Promise<VmConfig> {
    // The simulator has no pools.
    if (create !== undefined) {
      const { pool: _, ...parameters } = create;
      await this.#task("POST", `/nodes/${node}/qemu`, { vmid, ...parameters });
    }
    if (clone !== undefined) await this.#clone(vmid, node, clone);
    return this.#config(vmid, node);
  }

  async start(vmid: number, node: string): Promise<string> {
    return this.#task("POST", `/nodes/${node}/qemu/${vmid}/status/start`, {});
  }

  async #clone(vmid: number, node: string, clone: NonNullable<Plan["clone"]>): Promise<void> {
    const { from, parameters } = clone;
    await this.#task("POST", `/nodes/${from.node}/qemu/${from.vmid}/clone`, { newid: vmid, ...parameters });
    const due = configureClone(clone, await this.#config(vmid, node));
    await this.#call("PUT", `/nodes/${node}/qemu/${vmid}/config`, due.parameters);
    for (const resize of due.resizes) {
      const answer = await this.#call("PUT", `/nodes/${node}/qemu/${vmid}/resize`, { ...resize });
      if (typeof answer === "string") await this.#end(answer);
    }
  }

  async #config(vmid: number, node: string): Promise<VmConfig> {
    return (await this.#call("GET", `/nodes/${node}/qemu/${vmid}/config`)) as VmConfig;
  }

  async #task(method: string, path: string, parameters: Parameters): Promise<string> {
    return this.#end(String(await this.#call(method, path, parameters)));
  }

  async #end(upid: string): Promise<string> {
    const [, node] = upid.split(":");
    const path = `/nodes/${node}/tasks/${encodeURIComponent(upid)}/status`;
    for (;;) {
      const { status, exitstatus } = (await this.#call("GET", path)) as Record<string, string>;
      if (status === "stopped") return exitstatus ?? "";
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async #call(method: string, path: string, parameters: Parameters = {}): Promise<unknown> {
    const { id, secret } = this.#pve.token;
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) form.set(name, String(value));
    const answer = await fetch(`${this.#pve.url}/api2/json${path}`, {
      method,
      headers: { authorization: `PVEAPIToken=${id}=${secret}` },
      ...(method === "GET" ? {} : { body: form }),
    });
    const body = (await answer.json()) as { data: unknown; errors?: unknown };
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.statusText} ${JSON.stringify(body.errors)}`);
    return body.data;
  }
}

describe.each(Object.entries(versions))("Proxmox VE %s", (version, of) => {
  let pve: Pve;
  beforeAll(async () => {
    pve = await simulate(version as PveVersion);
  });
  afterAll(() => pve.stop());

  const made = Object.entries(goldenCases)
    .map(([name, input], index) => [name, 100 + index, input(of)] as const)
    .filter(([, , input]) => planVm(input).plan !== undefined);

  test.each(made)("%s is made, holds what the plan said, and starts", async (_, vmid, input) => {
    const { plan, applied } = planVm(input);
    if (plan === undefined) throw new Error("only plans without violations are sent");
    const sender = new Sender(pve);
    const stored = await sender.make(vmid, plan);
    expect(readBack(stored, plan.node, input).map(comparable)).toEqual(applied.map(comparable));
    expect(readMarker(stored, input.marker.vmid)).toMatchObject(input.marker);
    expect(await sender.start(vmid, plan.node)).toMatch(/^(?:OK|WARNINGS: 1)$/);
  });
});

/** What became of each knob by what Proxmox VE holds. */
function readBack(
  stored: VmConfig,
  name: string,
  { inventory, marker, settings, template, spec }: PlanInput,
) {
  const node = inventory.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  const image = template === undefined ? {} : { image: imageText(template) };
  return appliedCapabilities({ ...effectiveSpec(spec), uid: marker.uid, stored, node, settings, ...image });
}

/** The volume of Proxmox VE's own drive has a name only once it is there. */
const comparable = (one: AppliedCapability): AppliedCapability => ({
  ...one,
  observedValue: one.observedValue.replace(/:vm-\d+-cloudinit$/, ":cloudinit"),
});
