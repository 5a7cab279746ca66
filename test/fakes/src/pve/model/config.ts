import { createHash } from "node:crypto";
import type { PropertyFormat } from "../schema/schema.ts";

/** A VM's configuration as its file holds it: every value is text. */
export type VmConfig = Record<string, string>;

/** What PVE keeps in a configuration besides the options that can be set, with their types. */
const internal: Readonly<Record<string, "integer">> = { snaptime: "integer" };

/** A configuration as the API shows it: numbers and booleans are JSON numbers. */
export function typedConfig(
  config: Readonly<VmConfig>,
  options: PropertyFormat,
): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, typedValue(name, value, options)]),
  );
}

/** One value as the API shows it. Decimals stay text, as PVE leaves them. */
export function typedValue(name: string, value: string, options: PropertyFormat): string | number {
  const type = options[name]?.type ?? internal[name];
  if (name === "cipassword") return "**********";
  return type === "integer" || type === "boolean" ? Number(value) : value;
}

/** SHA-1 over all that the configuration file would hold. */
export function digestOf(...parts: readonly unknown[]): string {
  return createHash("sha1").update(JSON.stringify(parts)).digest("hex");
}
