import { Remembered } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import type { VimClient } from "./client/vim-client.ts";
import { attempt } from "./errors.ts";
import type { Inventory } from "./mapping/inventory.ts";
import { inventoryProperties } from "./mapping/inventory-properties.ts";
import type { Sight } from "./mapping/observation.ts";
import { readInventory } from "./mapping/read-inventory.ts";
import type { Settings } from "./mapping/settings.ts";
import type { Template } from "./mapping/template.ts";
import { findTemplates } from "./templates.ts";
import type { AboutInfo } from "./vim/types.ts";
import { Vms } from "./vms.ts";

/** How long hosts, datastores, networks and templates are taken to be as they were read. */
const inventoryTtlMs = 15_000;
/** What was read just now is not read again because something is missing in it. */
const freshMs = 500;

/** One vCenter as the RPCs see it: its VMs by owner, and the rest of its inventory, read at most every 15 seconds. */
export class Vcenter {
  readonly client: VimClient;
  readonly settings: Settings;
  readonly endpoint: string;
  readonly vms: Vms;
  readonly #inventory = new Remembered<"inventory", Inventory>(inventoryTtlMs);
  readonly #templates = new Remembered<string, Template[]>(inventoryTtlMs);

  constructor(client: VimClient, settings: Settings, endpoint: string) {
    this.client = client;
    this.settings = settings;
    this.endpoint = endpoint;
    this.vms = new Vms(client);
  }

  async about(call: Call): Promise<AboutInfo> {
    const { about } = await attempt("reading vCenter's version", () => this.client.serviceContent(call));
    return about;
  }

  /** Fails unless vCenter answers to the credentials. One round trip, for a method that needs a session. */
  async probe(call: Call): Promise<void> {
    await attempt("talking to vCenter", async () => {
      const { rootFolder } = await this.client.serviceContent(call);
      await this.client.read(rootFolder, ["name"], call);
    });
  }

  inventory({ signal }: Call): Promise<Inventory> {
    return this.#inventory.get(
      "inventory",
      () => attempt("reading the inventory", () => this.#readInventory()),
      signal,
    );
  }

  /** What VMs are looked at with. */
  async sight(call: Call): Promise<Sight> {
    const [about, inventory] = await Promise.all([this.about(call), this.inventory(call)]);
    return { inventory, settings: this.settings, simulated: isSimulated(about) };
  }

  /** The templates of a name, or the one at an inventory path; empty when vCenter has none. */
  templates(name: string, { signal }: Call): Promise<Template[]> {
    return this.#templates.get(
      name,
      () => attempt(`looking up template ${name}`, () => findTemplates(this.client, name)),
      signal,
    );
  }

  /** Forgets what was read, so that the next look is a fresh one: something that was just made may be missing in it. Answers whether anything was old. */
  refresh(): boolean {
    const inventory = this.#inventory.clear(freshMs);
    const templates = this.#templates.clear(freshMs);
    return inventory || templates;
  }

  async #readInventory(): Promise<Inventory> {
    const [byType, hasKeyProvider] = await Promise.all([
      this.client.retrieve({ paths: inventoryProperties }),
      this.#hasKeyProvider(),
    ]);
    return readInventory(Object.values(byType).flat(), hasKeyProvider);
  }

  async #hasKeyProvider(): Promise<boolean | undefined> {
    const { cryptoManager } = await this.client.serviceContent();
    // A lone ESXi host has a crypto manager of another kind, without key providers.
    if (cryptoManager?.type !== "CryptoManagerKmip") return false;
    const manager = { type: cryptoManager.type, value: cryptoManager.value };
    const { props, missing } = await this.client.read(manager, ["kmipServers"]);
    // A property that the account may not read is missing from the answer: then nothing is known.
    return missing.length > 0 ? undefined : (props.kmipServers ?? []).length > 0;
  }
}

/**
 * Whether a vCenter is govmomi's simulator. It says so in its own name; older builds do not, but all of them share one instance UUID, which real ones
 * never do.
 */
export const isSimulated = ({ name, fullName, instanceUuid }: AboutInfo): boolean =>
  /simulator/i.test(`${name} ${fullName}`) || instanceUuid === "dbed6e0c-bd88-4ef6-b594-21283e1c677f";
