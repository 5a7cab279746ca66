import type { OutcomeRow } from "@virtrigaud/kit/outcomes";
import type { VMSpec } from "@virtrigaud/proto";

/** Whether a VM, read back in the contract's words, is what a row of the outcome table was asked to make of it. */
export function isAsAsked({ field }: Pick<OutcomeRow, "field">, asked: VMSpec, found: VMSpec): boolean {
  const [wanted, held] = [valueAt(asked, field), valueAt(found, field)];
  // A list is a set of labels; the VM may bear others besides.
  if (Array.isArray(wanted)) return Array.isArray(held) && wanted.every((one) => held.includes(one));
  return JSON.stringify(wanted) === JSON.stringify(held);
}

/** The value of a path such as "spec.cpu_allocation.limit_mhz". */
function valueAt(spec: VMSpec, field: string): unknown {
  const names = field
    .split(".")
    .slice(1)
    .map((name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  return names.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    spec,
  );
}
