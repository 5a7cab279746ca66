import { Jobs, OneAtATime, ProviderError, Remembered } from "@virtrigaud/kit";
import { Image } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { ErrorCode, type Libvirt, type SshFiles } from "./client/index.ts";
import { Domains } from "./domains.ts";
import { isRefused } from "./errors.ts";
import { findImage } from "./images/find-image.ts";
import { Inventory } from "./inventory.ts";
import type { BaseImage } from "./mapping/images.ts";
import type { HostFacts } from "./mapping/host-facts.ts";
import type { Network } from "./mapping/networks.ts";
import type { Sight } from "./mapping/observation.ts";
import type { Settings } from "./mapping/settings.ts";
import { type FoundPool, readNetworks, readPools } from "./pools.ts";
import { type Accel, type ProbedFacts, probeHost, type ProbeOptions } from "./probe/probe-host.ts";

/** How long pools, images and networks are taken to be as they were read. */
const storageTtlMs = 15_000;
/** What a host can do changes with its packages and kernel modules, and takes seconds to ask. */
const factsTtlMs = 15 * 60_000;
/** What was read just now is not read again because something is missing in it. */
const freshMs = 500;

/** What the operator decided, and where the host is. */
export interface HostOptions {
  readonly settings: Settings;
  readonly accel: Accel;
  /** Hosts on loopback or link-local addresses that images may be downloaded from all the same. */
  readonly allowedImageHosts?: readonly string[];
  /** libvirt URI, without secrets. */
  readonly endpoint: string;
  /** For what only the host's own files tell, read over the same way as the client's. */
  readonly ssh?: SshFiles;
  /** Told of failures of daemon-lived work that are defects. */
  readonly onDefect?: (error: ProviderError) => void;
}

/** One libvirtd as the RPCs see it. */
export class Host {
  readonly libvirt: Libvirt;
  readonly settings: Settings;
  readonly endpoint: string;
  readonly allowedImageHosts: readonly string[];
  readonly jobs: Jobs;
  readonly inventory: Inventory;
  readonly domains: Domains;
  /** By uid, and by "promises" for what must be counted before the next is let in. */
  readonly turns = new OneAtATime();
  readonly #probe: ProbeOptions;
  readonly #facts = new Remembered<"facts", ProbedFacts>(factsTtlMs);
  readonly #pools = new Remembered<"pools", FoundPool[]>(storageTtlMs);
  readonly #images = new Remembered<string, BaseImage>(storageTtlMs);
  readonly #networks = new Remembered<"networks", Network[]>(storageTtlMs);

  constructor(
    libvirt: Libvirt,
    { settings, accel, endpoint, ssh, allowedImageHosts = [], onDefect }: HostOptions,
  ) {
    this.libvirt = libvirt;
    this.settings = settings;
    this.endpoint = endpoint;
    this.allowedImageHosts = allowedImageHosts;
    this.#probe = { accel, uri: endpoint, ...(ssh === undefined ? {} : { ssh }) };
    this.jobs = new Jobs(onDefect);
    this.inventory = new Inventory(libvirt);
    this.domains = new Domains(libvirt, this.inventory);
  }

  /** Fails unless libvirtd answers. One round trip. */
  async probe(call: Call): Promise<void> {
    await this.libvirt.call("connectGetLibVersion", {}, call);
  }

  /** The host as it was probed at most 15 minutes ago, with what its VMs were promised by now, those of `uid` apart. */
  async facts(call: Call, uid?: string): Promise<HostFacts> {
    const read = () => probeHost(this.libvirt, this.#probe, whole());
    const probed = await this.#facts.get("facts", read, call.signal);
    const { coreMhz } = probed.node;
    const promised = await this.inventory.promised(call, {
      coreMhz,
      ...(uid === undefined ? {} : { except: uid }),
    });
    return { ...probed, ...promised };
  }

  /** The host as it is now. */
  freshFacts(call: Call): Promise<HostFacts> {
    this.#facts.clear(0);
    return this.facts(call);
  }

  pools({ signal }: Call): Promise<FoundPool[]> {
    return this.#pools.get("pools", () => readPools(this.libvirt, whole()), signal);
  }

  /** Does work on the pools as they were last read, and again on a fresh look where one of them is another by now. */
  async onPools<T>(call: Call, work: (pools: readonly FoundPool[]) => Promise<T>): Promise<T> {
    try {
      return await work(await this.pools(call));
    } catch (error) {
      const refusal = error instanceof ProviderError ? error.cause : error;
      if (!isRefused(refusal, ErrorCode.NO_STORAGE_POOL)) throw error;
      this.#pools.clear(0);
      return work(await this.pools(call));
    }
  }

  /** What an image is here; undefined when it is not prepared. One that was found is taken to be there as long as the pools are. */
  async image(image: Image, { signal }: Call): Promise<BaseImage | undefined> {
    const read = async () => (await findImage(this, image, whole())) ?? Promise.reject(notPrepared);
    try {
      return await this.#images.get(JSON.stringify(Image.toJSON(image)), read, signal);
    } catch (error) {
      if (error === notPrepared) return undefined;
      throw error;
    }
  }

  networks({ signal }: Call): Promise<Network[]> {
    return this.#networks.get("networks", () => readNetworks(this.libvirt, whole()), signal);
  }

  /** What domains are looked at with. */
  async sight(call: Call): Promise<Sight> {
    return { host: await this.facts(call), settings: this.settings };
  }

  /** Forgets pools, images and networks, so that the next look is a fresh one. Answers whether anything was old. */
  refresh(): boolean {
    const pools = this.#pools.clear(freshMs);
    const images = this.#images.clear(freshMs);
    const networks = this.#networks.clear(freshMs);
    return pools || images || networks;
  }

  /** Ends daemon-lived work, then the connections. */
  async close(): Promise<void> {
    await this.jobs.close();
    this.inventory.close();
    this.libvirt.close();
  }
}

/** Keeps a miss from being remembered. */
const notPrepared = new Error("the image is not prepared");

/** A read that several callers share ends by no caller's signal; the client's own deadline bounds it. */
const whole = (): Call => ({ signal: new AbortController().signal });
