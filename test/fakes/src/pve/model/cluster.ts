import { setTimeout as sleep } from "node:timers/promises";
import type { PveOptions } from "../options.ts";
import { type Release, releaseOf } from "../release.ts";
import type { FormatBook } from "../schema/check.ts";
import { formatBook } from "../schema/formats.ts";
import type { PropertyFormat } from "../schema/schema.ts";
import { vmOptions } from "../schema/vm-options.ts";
import { Access } from "./access.ts";
import { type GuestScript, plainGuest } from "./guest.ts";
import { ConfigLocks } from "./locks.ts";
import { Node } from "./node.ts";
import { Statistics } from "./statistics.ts";
import { Storage } from "./storage.ts";
import { Tasks } from "./tasks.ts";
import { addTemplate } from "./templates.ts";
import { Vm } from "./vm.ts";
import { openWeb, type Web } from "./web.ts";

const TWO_HOURS = 7200;
const STATISTICS_SECONDS = 10;
const GIB = 2 ** 30;
const defaultStorages = [
  { id: "local", type: "dir" },
  { id: "local-lvm", type: "lvmthin", totalBytes: 1000 * GIB, usedBytes: 0 },
] as const;

/** A custom CPU model, as `cpu-models.conf` holds it. */
export type CustomCpu = Readonly<Record<string, string>>;

/** All that a simulated cluster is: nodes, VMs, storages, tasks, users. In memory only. */
export class Cluster {
  readonly release: Release;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly storages: ReadonlyMap<string, Storage>;
  readonly vms = new Map<number, Vm>();
  readonly cpuModels = new Map<string, CustomCpu>();
  /** Contents of files that clients have uploaded, by volume. */
  readonly uploads = new Map<string, Buffer>();
  readonly tasks: Tasks;
  readonly locks: ConfigLocks;
  readonly access: Access;
  readonly statistics: Statistics<Readonly<Record<string, string | number>>>;
  readonly web: Web;
  readonly guestScript: GuestScript;
  /** No guest is scripted: nothing that guests say is evidence of anything. */
  readonly isSimulatedGuest: boolean;
  readonly book: FormatBook;
  /** The options that a configuration may hold. */
  readonly options: PropertyFormat;
  /** What the API is served with, when it is served over TLS. */
  certificate: { readonly pem: string; readonly fingerprint: string } | undefined;
  readonly #secondMs: number;
  #nextPid = 28_500;

  constructor(options: PveOptions = {}) {
    this.release = releaseOf(options.version ?? "9.2");
    const { major } = this.release;
    const nodes = (options.nodes ?? [{ name: "pve1" }]).map((node, index) => new Node(index + 1, node));
    this.nodes = new Map(nodes.map((node) => [node.name, node]));
    const storages = (options.storages ?? defaultStorages).map((storage) => new Storage(storage));
    this.storages = new Map(storages.map((storage) => [storage.id, storage]));
    this.#secondMs = options.secondMs ?? 10;
    this.tasks = new Tasks(options.taskMs ?? 10, options.onTask);
    this.locks = new ConfigLocks(this.#secondMs);
    this.statistics = new Statistics(STATISTICS_SECONDS * this.#secondMs);
    this.access = new Access({
      users: options.users ?? [{ id: "root@pam", password: "simulated" }],
      tokens: options.tokens ?? [{ id: "root@pam!virtrigaud" }],
      major,
      ticketLifetimeSeconds: options.ticketLifetimeSeconds ?? TWO_HOURS,
    });
    this.web = options.web ?? openWeb;
    this.guestScript = options.guest ?? plainGuest;
    this.isSimulatedGuest = options.guest === undefined;
    this.book = formatBook(major, (name) => this.cpuModels.has(name));
    this.options = vmOptions(major, false);
    for (const template of options.templates ?? []) addTemplate(this, template);
  }

  /** The node that the client talks to. */
  get local(): Node {
    const nodes = [...this.nodes.values()];
    return nodes.find((node) => node.online) ?? (nodes[0] as Node);
  }

  /** VMs in the order of their ids. */
  sortedVms(): Vm[] {
    return [...this.vms.values()].sort((a, b) => a.vmid - b.vmid);
  }

  /** Waits as long as so many of PVE's seconds last. */
  async seconds(count: number): Promise<void> {
    await sleep(count * this.#secondMs, undefined, { ref: false });
  }

  nextPid(): number {
    this.#nextPid += 7;
    return this.#nextPid;
  }

  /** Puts a VM there as it is, without any check. `createdAtMs`: 0 for one that was always there. */
  addVm(vmid: number, node: string, config: Record<string, string>, createdAtMs = 0): Vm {
    const vm = new Vm(vmid, node, config, createdAtMs);
    this.vms.set(vmid, vm);
    return vm;
  }
}
