import type { Major } from "../release.ts";
import type { ByMajor, VersionedTable } from "../schema/by-major.ts";
import type { PropertyFormat, Schema } from "../schema/schema.ts";
import type { Call } from "./call.ts";
import type { Permission } from "./permission.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** One method of one path. */
export interface Endpoint {
  readonly method: Method;
  /** Parameters in braces; `{name*}` takes the rest of the path. */
  readonly path: string;
  /** The first major version that has it. */
  readonly since?: Major;
  readonly permission: Permission | ByMajor<Permission>;
  /** Answered by the node that the client talks to although the path names one. */
  readonly local?: true;
  /** API tokens may not call it. */
  readonly ticketOnly?: true;
  readonly parameters: VersionedTable<Schema> | ((major: Major) => PropertyFormat);
  /** Gives the data, or a Page of it. Throws ApiError. */
  readonly run: (call: Call) => unknown;
}

/** Data with the number of all there are, for lists of which only a part is shown. */
export class Page {
  readonly data: unknown;
  readonly total: number;

  constructor(data: unknown, total: number) {
    this.data = data;
    this.total = total;
  }
}
