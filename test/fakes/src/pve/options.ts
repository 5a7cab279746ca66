import type { Fault, PveRequest } from "./fault.ts";
import type { GuestScript } from "./model/guest.ts";
import type { TaskScript } from "./model/tasks.ts";
import type { Web } from "./model/web.ts";
import type { PveVersion } from "./release.ts";

/** A node of the simulated cluster. */
export interface NodeOptions {
  readonly name: string;
  /** Does its KVM let guests nest (the kvm module's `nested` parameter)? Default true. */
  readonly nesting?: boolean;
  /** Default intel. */
  readonly vendor?: "intel" | "amd";
  /** A node that is not answers 595, late. Default true. */
  readonly online?: boolean;
  /** Default 64 GiB. */
  readonly memoryBytes?: number;
  /** Default 16. */
  readonly cpus?: number;
  /** Has it /dev/kvm? Default true; false is a node without hardware virtualization. */
  readonly kvm?: boolean;
  /** Does /proc/cpuinfo show vmx or svm? Default: as `kvm`. */
  readonly virtualizationFlag?: boolean;
  /** Default vmbr0. */
  readonly bridges?: readonly string[];
}

/** A storage of the simulated cluster. */
export interface StorageOptions {
  readonly id: string;
  /** dir and nfs hold files, the others raw volumes; lvm can neither snapshot nor clone. Default dir. */
  readonly type?: "dir" | "nfs" | "lvm" | "lvmthin" | "zfspool" | "rbd";
  /** Default: all that the type can hold. */
  readonly content?: readonly string[];
  /** Default: true for nfs and rbd. */
  readonly shared?: boolean;
  /** The nodes that have it; default all. */
  readonly nodes?: readonly string[];
  /** Default 500 GiB. */
  readonly totalBytes?: number;
  /** What is used besides the simulated volumes; equal to totalBytes makes it full. Default 10 GiB. */
  readonly usedBytes?: number;
}

/** A template that is there from the start. */
export interface TemplateOptions {
  readonly vmid: number;
  readonly name: string;
  /** Default: the first node. */
  readonly node?: string;
  /** Where its disk scsi0 is; default: the first storage that holds images. */
  readonly storage?: string;
  /** Default 10 GiB. */
  readonly diskBytes?: number;
  /** Further options as the config endpoint would show them. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Privileges by path; they hold for what is below the path too. */
export type Privileges = Readonly<Record<string, readonly string[]>>;

export interface UserOptions {
  /** `name@realm`; root@pam may everything. */
  readonly id: string;
  readonly password: string;
  readonly privileges?: Privileges;
}

export interface TokenOptions {
  /** `name@realm!token`. */
  readonly id: string;
  /** Default: made at random. */
  readonly secret?: string;
  /** Without them the token has its user's privileges. */
  readonly privileges?: Privileges;
  /** Seconds since the epoch; default: never. */
  readonly expire?: number;
}

/** What to simulate. Everything has a default: one 9.2 node that can nest, two storages, one root token. */
export interface PveOptions {
  readonly version?: PveVersion;
  /** The client talks to the first one that is online. */
  readonly nodes?: readonly NodeOptions[];
  readonly storages?: readonly StorageOptions[];
  readonly templates?: readonly TemplateOptions[];
  readonly users?: readonly UserOptions[];
  readonly tokens?: readonly TokenOptions[];
  /** HTTPS with a throw-away certificate; false: plain HTTP. Default true. */
  readonly tls?: boolean;
  /** Default 127.0.0.1 on a free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Added to every answer. Default 0. */
  readonly latencyMs?: number;
  /** How long a task's work takes. Default 10. */
  readonly taskMs?: number;
  /**
   * How long one of PVE's own seconds lasts: 401 and 595 come after three, shutdowns and locks wait by them.
   * Default 10, so that tests are fast; 1000 is the real thing.
   */
  readonly secondMs?: number;
  /** Default two hours, as PVE. */
  readonly ticketLifetimeSeconds?: number;
  /** What runs inside VMs. With a script `GET /version` no longer says repoid "simulated". */
  readonly guest?: GuestScript;
  /** What URLs answer to downloads. Default: any URL is a 1 GiB file. */
  readonly web?: Web;
  /** Looks at every request before it is handled and may ask for a fault. */
  readonly onRequest?: (request: PveRequest) => Fault | undefined;
  /** Looks at every task before its work and may make it warn, fail or take long. */
  readonly onTask?: TaskScript;
}
