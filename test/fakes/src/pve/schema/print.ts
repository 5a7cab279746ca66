import type { PropertyFormat } from "./schema.ts";

/** Bytes in the largest unit that divides them: 2147483648 → 2G. */
export function formatSize(bytes: number): string {
  const units = ["", "K", "M", "G", "T"];
  let amount = Math.trunc(bytes);
  let unit = 0;
  while (unit < units.length - 1 && amount % 1024 === 0 && amount !== 0) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${units[unit]}`;
}

const factors: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes of a size with an optional unit K, M, G or T; undefined when it is none. */
export function parseSize(size: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT](?:iB)?)?$/.exec(size);
  if (match === null) return undefined;
  return Math.trunc(Number(match[1]) * (factors[match[2]?.[0] ?? ""] ?? 1));
}

/** Writes a property string as PVE::JSONSchema does: default key, required keys, then the rest by name. */
export function printPropertyString(
  values: Readonly<Record<string, string>>,
  format: PropertyFormat,
): string {
  const names = Object.keys(values).sort();
  const lead = Object.keys(format).filter((name) => format[name]?.defaultKey && name in values);
  const needed = names.filter((name) => format[name]?.required);
  const parts: string[] = [];
  const done = new Set<string>();
  for (const name of [...lead, ...needed, ...names]) {
    if (done.has(name)) continue;
    done.add(name);
    const combined = combinedKey(name, format);
    if (combined !== undefined && values[combined] !== undefined) {
      done.add(combined);
      parts.push(`${values[name]}=${values[combined]}`);
    } else {
      parts.push(lead.includes(name) ? `${values[name]}` : `${name}=${values[name]}`);
    }
  }
  return parts.join(",");
}

/** The key whose value follows this one's value, as macaddr follows model in `virtio=MAC`. */
function combinedKey(name: string, format: PropertyFormat): string | undefined {
  return Object.values(format).find((schema) => schema.keyAlias === name)?.alias;
}
