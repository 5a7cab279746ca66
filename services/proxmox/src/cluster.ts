import { Jobs, OneAtATime, type ProviderError, Remembered } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import { type Pve, Tasks, type TasksOptions } from "./client/index.ts";
import { attempt } from "./errors.ts";
import { fetchInventory } from "./inventory.ts";
import type { Listing } from "./listing.ts";
import type { Inventory, Template } from "./mapping/inventory.ts";
import { membersOf, textOf } from "./mapping/json.ts";
import type { Sight } from "./mapping/observation.ts";
import type { Settings } from "./mapping/settings.ts";
import { atLeast } from "./mapping/versions.ts";
import { Picture, type PictureOptions } from "./picture.ts";
import { requireAudit } from "./require-audit.ts";
import { Reservations } from "./reservations.ts";
import { Seeds } from "./seed.ts";
import { readTemplate } from "./templates.ts";
import { Vms } from "./vms.ts";

/** How long nodes, storages, bridges and templates are taken to be as they were read. */
const inventoryTtlMs = 15_000;
/** How long the pages of one listing may take to be asked for. */
const pagesTtlMs = 30_000;
/** Privileges change by an administrator's hand. */
const auditTtlMs = 60_000;
/** A cluster's version changes with its packages. */
const aboutTtlMs = 10 * 60_000;
/** What was read just now is not read again because something is missing in it. */
const freshMs = 500;

/** What the operator decided, and where the cluster is. */
export interface ClusterOptions {
  readonly settings: Settings;
  /** Address of the API, without secrets. */
  readonly endpoint: string;
  /** "user@realm" or "user@realm!token", as tasks name who started them. */
  readonly user: () => Promise<string>;
  /** Told of failures of daemon-lived work that are defects. */
  readonly onDefect?: (error: ProviderError) => void;
  readonly watch?: PictureOptions;
  readonly tasks?: TasksOptions;
}

/** What Proxmox VE says of itself. */
export interface About {
  /** "9.2.11" */
  readonly version: string;
  /** "9.2" */
  readonly release: string;
  /** Nothing runs behind this API. */
  readonly simulated: boolean;
}

/** One cluster, or one node that stands alone, as the RPCs see it. */
export class Cluster {
  readonly pve: Pve;
  readonly settings: Settings;
  readonly endpoint: string;
  readonly user: () => Promise<string>;
  readonly tasks: Tasks;
  readonly jobs: Jobs;
  readonly vms: Vms;
  readonly picture: Picture;
  readonly seeds = new Seeds();
  readonly reservations = new Reservations();
  /** By uid; and by "vmid" for what looks for a free VMID and takes it. */
  readonly turns = new OneAtATime();
  readonly #audit = new Remembered<"audit", true>(auditTtlMs);
  readonly #about = new Remembered<"about", About>(aboutTtlMs);
  readonly #listing = new Remembered<"listing", Listing>(pagesTtlMs);
  readonly #inventory = new Remembered<"inventory", Inventory>(inventoryTtlMs);
  readonly #templates = new Remembered<number, Template>(inventoryTtlMs);

  constructor(pve: Pve, { settings, endpoint, user, onDefect, watch, tasks }: ClusterOptions) {
    this.pve = pve;
    this.settings = settings;
    this.endpoint = endpoint;
    this.user = user;
    this.tasks = new Tasks(pve, tasks);
    this.jobs = new Jobs(onDefect);
    this.picture = new Picture(async (call) => (await this.vms.list(call)).vms, watch);
    this.vms = new Vms(pve, {
      showsTags: async (call) => atLeast((await this.about(call)).version, "7.0"),
      requireSight: ({ signal }) => this.#audit.get("audit", () => requireAudit(this.pve, whole()), signal),
      onChange: () => this.picture.nudge(),
    });
  }

  /** Fails unless Proxmox VE answers to the credentials. One request. */
  async probe(call: Call): Promise<void> {
    await attempt("talking to Proxmox VE", () => this.pve.api(call).version.$get());
  }

  about({ signal }: Call): Promise<About> {
    return this.#about.get("about", () => attempt("reading the version", () => this.#readAbout()), signal);
  }

  inventory({ signal }: Call): Promise<Inventory> {
    const read = () => fetchInventory(this.pve, (call) => this.vms.list(call), this.settings, whole());
    return this.#inventory.get("inventory", read, signal);
  }

  /** Every VM by lists alone: read anew for a first page, and for the pages that follow as it was for that one. */
  listing(isFirstPage: boolean, { signal }: Call): Promise<Listing> {
    if (isFirstPage) this.#listing.clear(0);
    return this.#listing.get("listing", () => this.vms.list(whole()), signal);
  }

  /** A template with its options; undefined when it is gone. */
  template(entry: Omit<Template, "config">, { signal }: Call): Promise<Template> {
    return this.#templates.get(entry.vmid, () => readTemplate(this.pve, entry, whole()), signal);
  }

  /** Sees to it that a template which was just found is one that VMs can be made from. */
  async noteTemplate({ vmid }: Omit<Template, "config">, call: Call): Promise<void> {
    const { templates } = await this.inventory(call);
    if (!templates.some((one) => one.vmid === vmid)) this.#inventory.clear(0);
  }

  /** What VMs are looked at with. */
  async sight(call: Call): Promise<Sight> {
    const [{ simulated }, inventory] = await Promise.all([this.about(call), this.inventory(call)]);
    return { inventory, settings: this.settings, simulated };
  }

  /** Forgets what was read, so that the next look is a fresh one. Answers whether anything was old. */
  refresh(): boolean {
    const inventory = this.#inventory.clear(freshMs);
    const templates = this.#templates.clear(freshMs);
    return inventory || templates;
  }

  /** Ends daemon-lived work, then the connections. */
  async close(): Promise<void> {
    await this.jobs.close();
    await this.pve.close();
  }

  async #readAbout(): Promise<About> {
    const answer = membersOf(await this.pve.api().version.$get());
    const simulated = textOf(answer.repoid) === "simulated";
    return { version: textOf(answer.version), release: textOf(answer.release), simulated };
  }
}

/** A read that several callers share ends by no caller's signal; the client's own deadline bounds it. */
const whole = (): Call => ({ signal: new AbortController().signal });
