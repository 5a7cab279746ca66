import type { Proxmox } from "proxmox-api";
import type { PveParameters } from "./encode-request.ts";

/**
 * PVE's API as a path of properties: `api.nodes.$(node).qemu.$(vmid).config.$get()`. proxmox-api's types, opened for
 * parameters that they lack: theirs end at net3 and scsi3, and know one release only. What they name is checked.
 */
export type PveApi = Omit<Known, "nodes"> & {
  readonly nodes: Omit<Known["nodes"], "$"> & {
    $(node: string): ReturnType<Known["nodes"]["$"]> & NewerNode;
  };
};

type Known = Open<Proxmox.Api>;

type Open<T> = {
  [K in keyof T]: K extends "$" ? OpenName<T[K]> : K extends `$${string}` ? OpenMethod<T[K]> : Open<T[K]>;
};

type OpenName<F> = F extends (name: infer Name) => infer R ? (name: Name) => Open<R> : never;

type OpenMethod<F> = F extends (...parameters: infer A) => infer R
  ? A extends []
    ? (parameters?: PveParameters) => R
    : A extends [infer P]
      ? (parameters: P & PveParameters) => R
      : A extends [(infer P)?]
        ? (parameters?: P & PveParameters) => R
        : never
  : never;

/** A CPU flag that VMs of a node may be given. */
export interface CpuFlag {
  readonly name: string;
  readonly description?: string;
  /** The nodes whose CPUs have it, PVE 9.2 and newer. */
  readonly "supported-on"?: readonly string[];
}

/** What proxmox-api 1.1.1 does not know yet. */
interface NewerNode {
  readonly capabilities: {
    readonly qemu: {
      /** PVE 9.1 and newer. */
      readonly "cpu-flags": { $get(parameters?: PveParameters): Promise<CpuFlag[]> };
    };
  };
}
