import type { RequestName } from "./errors.ts";

/** What a parameter may be: true and false become 1 and 0, a list becomes the parameter repeated, undefined is left out. */
export type PveValue = string | number | boolean | readonly string[] | undefined;
export type PveParameters = Readonly<Record<string, PveValue>>;

/** A request ready to be sent, but for who sends it. */
export interface WireRequest extends RequestName {
  /** The path with a star for each variable. */
  readonly route: string;
  /** Path and query as they go on the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** A login: sent or not, it leaves nothing open about the call that needs it. */
  readonly isLogin?: true;
}

const BASE = "/api2/json";
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE"]);

/**
 * A call of proxmox-api as an HTTP request: parameters as a form in the body, or in the query where PVE refuses a body.
 * `path` and `template` begin with /api2/json. Throws TypeError for what cannot be sent.
 */
export function encodeRequest(
  method: string,
  path: string,
  template: string,
  parameters: PveParameters = {},
): WireRequest {
  const verb = method.toUpperCase();
  if (!METHODS.has(verb)) throw new TypeError(`${path}: there is no method $${method}`);
  const segments = path.slice(BASE.length).split("/").slice(1).map(segmentOf);
  const name = { method: verb, path: `/${segments.join("/")}`, route: template.slice(BASE.length) };
  const target = `${BASE}/${segments.map(encodeURIComponent).join("/")}`;
  const form = encodeForm(name, parameters);
  if (form === "") return { ...name, target, headers: {} };
  if (verb === "GET" || verb === "DELETE") return { ...name, target: `${target}?${form}`, headers: {} };
  return { ...name, target, headers: { "content-type": "application/x-www-form-urlencoded" }, body: form };
}

/** proxmox-api escapes the slash alone; an empty or dotted name would address another object than the caller means. */
function segmentOf(escaped: string): string {
  if (["", ".", ".."].includes(escaped)) throw new TypeError(`"${escaped}" is no name that a path can hold`);
  return escaped.replaceAll("%2F", "/");
}

function encodeForm({ method, path }: RequestName, parameters: PveParameters): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const text of texts(value)) {
      if (text === undefined) throw new TypeError(`${method} ${path}: ${name} is not a value that PVE knows`);
      form.append(name, text);
    }
  }
  return form.toString();
}

function texts(value: unknown): readonly (string | undefined)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)];
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === "string" ? value : undefined;
}
