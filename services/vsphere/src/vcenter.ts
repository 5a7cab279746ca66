import type { VimClient } from "./client/vim-client.ts";
import { attempt } from "./errors.ts";
import { type Inventory, inventoryProperties, readInventory } from "./mapping/inventory.ts";
import type { Template } from "./mapping/template.ts";
import type { Settings } from "./mapping/settings.ts";
import type { AboutInfo, ManagedObjectReference } from "./vim/types.ts";
import { Remembered } from "./remembered.ts";
import { Vms } from "./vms.ts";

interface Call {
  signal: AbortSignal;
}

/** How long hosts, datastores, networks and templates are taken to be as they were read. */
const inventoryTtlMs = 15_000;

/** One vCenter as the RPCs see it: its VMs by owner, and the rest of its inventory, read at most every 15 seconds. */
export class Vcenter {
  readonly client: VimClient;
  readonly settings: Settings;
  readonly endpoint: string;
  readonly vms: Vms;
  readonly #inventory = new Remembered<"inventory", Inventory>(inventoryTtlMs);
  readonly #templates = new Remembered<string, Template | undefined>(inventoryTtlMs);

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

  /** Fails unless vCenter answers and takes the credentials. One round trip. */
  async probe(call: Call): Promise<void> {
    await attempt("talking to vCenter", () =>
      this.client.call("CurrentTime", { type: "ServiceInstance", value: "ServiceInstance" }, {}, call),
    );
  }

  inventory(call: Call): Promise<Inventory> {
    return this.#inventory.get("inventory", () =>
      attempt("reading the inventory", () => this.#readInventory(call)),
    );
  }

  /** A template by name or inventory path; undefined when vCenter has none. */
  template(name: string, call: Call): Promise<Template | undefined> {
    return this.#templates.get(name, () =>
      attempt(`looking up template ${name}`, () => this.#findTemplate(name, call)),
    );
  }

  /** Forgets what was read, so that the next look is a fresh one: something that was just made may be missing in it. Answers whether anything was old. */
  refresh(): boolean {
    const stale = this.#inventory.clear(500);
    this.#templates.clear(0);
    return stale;
  }

  async #readInventory(call: Call): Promise<Inventory> {
    const [byType, hasKeyProvider] = await Promise.all([
      this.client.retrieve({ paths: inventoryProperties }, call),
      this.#hasKeyProvider(call),
    ]);
    return readInventory(Object.values(byType).flat(), hasKeyProvider);
  }

  async #hasKeyProvider(call: Call): Promise<boolean | undefined> {
    const { cryptoManager } = await this.client.serviceContent(call);
    // A lone ESXi host has a crypto manager of another kind, without key providers.
    if (cryptoManager?.type !== "CryptoManagerKmip") return false;
    const manager = { type: cryptoManager.type, value: cryptoManager.value };
    const { props, missing } = await this.client.read(manager, ["kmipServers"], call);
    // A property that the account may not read is missing from the answer: then nothing is known.
    return missing.length > 0 ? undefined : (props.kmipServers ?? []).length > 0;
  }

  async #findTemplate(name: string, call: Call): Promise<Template | undefined> {
    const ref = name.includes("/") ? await this.#byPath(name, call) : await this.#byName(name, call);
    if (ref === undefined) return undefined;
    const { props } = await this.client.read(ref, ["config"], call);
    return props.config && { ref, name, config: props.config };
  }

  async #byPath(path: string, call: Call) {
    const { searchIndex } = await this.client.serviceContent(call);
    const inventoryPath = path.replace(/^\/+/, "");
    const ref = await this.client.call("FindByInventoryPath", searchIndex, { inventoryPath }, call);
    return ref?.type === "VirtualMachine" ? (ref as ManagedObjectReference<"VirtualMachine">) : undefined;
  }

  /** Templates come before VMs of the same name. */
  async #byName(name: string, call: Call) {
    const { VirtualMachine: all } = await this.client.retrieve(
      { paths: { VirtualMachine: ["name", "config.template"] } },
      call,
    );
    const named = all.filter(({ props }) => props.name === name);
    const found = named.find(({ props }) => props["config.template"] === true) ?? named[0];
    return found?.obj as ManagedObjectReference<"VirtualMachine"> | undefined;
  }
}

/** Whether a vCenter is govmomi's simulator: ours says so in its name. */
export const isSimulated = ({ name, fullName }: AboutInfo): boolean =>
  /simulator/i.test(`${name} ${fullName}`);
