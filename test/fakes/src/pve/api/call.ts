import type { Cluster } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";
import type { Worker } from "../model/tasks.ts";
import type { Values } from "../schema/check.ts";
import { forbid } from "./error.ts";
import { missing } from "./permission.ts";

/** A request whose parameters are valid, on its way through an endpoint. */
export class Call {
  readonly cluster: Cluster;
  /** The node that handles it. */
  readonly node: Node;
  /** `user@realm` or `user@realm!token`. */
  readonly user: string;
  /** Scalar parameters as text; booleans are 1 and 0. */
  readonly values: Record<string, string>;
  readonly lists: Readonly<Record<string, readonly string[]>>;

  constructor(cluster: Cluster, node: Node, user: string, parameters: Values) {
    this.cluster = cluster;
    this.node = node;
    this.user = user;
    this.values = {};
    const lists: Record<string, readonly string[]> = {};
    for (const [name, value] of Object.entries(parameters)) {
      if (Array.isArray(value)) lists[name] = value.map(String);
      else if (typeof value === "boolean") this.values[name] = value ? "1" : "0";
      else if (typeof value === "string") this.values[name] = value;
    }
    this.lists = lists;
  }

  get vmid(): number {
    return Number(this.values["vmid"]);
  }

  get isRoot(): boolean {
    return this.user === "root@pam";
  }

  /** A parameter that the schema requires. */
  text(name: string): string {
    return this.values[name] ?? "";
  }

  flag(name: string): boolean {
    return this.values[name] === "1";
  }

  number(name: string): number | undefined {
    const value = this.values[name];
    return value === undefined ? undefined : Number(value);
  }

  may(path: string, ...privileges: readonly string[]): boolean {
    return this.#lacks(path, privileges, false) === undefined;
  }

  mayAny(path: string, ...privileges: readonly string[]): boolean {
    return this.#lacks(path, privileges, true) === undefined;
  }

  /** Throws a 403 that names the path and what is missing. */
  need(path: string, ...privileges: readonly string[]): void {
    const lacking = this.#lacks(path, privileges, false);
    if (lacking !== undefined) forbid(lacking);
  }

  needAny(path: string, ...privileges: readonly string[]): void {
    const lacking = this.#lacks(path, privileges, true);
    if (lacking !== undefined) forbid(lacking);
  }

  /** Starts a task on this call's node and gives its UPID. */
  fork(type: string, id: string | number, work: (worker: Worker) => Promise<void> | void): string {
    const view = { type, id: String(id), node: this.node.name, user: this.user };
    return this.cluster.tasks.fork({ ...view, work }).upid;
  }

  #lacks(path: string, privileges: readonly string[], any: boolean): string | undefined {
    return this.isRoot ? undefined : missing(this.cluster.access, this.user, path, privileges, any);
  }
}
