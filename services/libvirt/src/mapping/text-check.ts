import type { VMSpec } from "@virtrigaud/proto";
import type { Problems } from "./problems.ts";

/** What XML 1.0 cannot hold, and what no name has any use for. */
const forbidden = /[\p{Cc}\p{Cs}\ufffe\uffff]/u;

/** Refuses control characters and halves of surrogate pairs in every text of a spec but cloud_init, which travels in a file. */
export function checkText(spec: VMSpec, problems: Problems): void {
  const { cloudInit: _file, ...rest } = spec;
  visit(rest, "spec", problems);
}

function visit(value: unknown, field: string, problems: Problems): void {
  if (typeof value === "string") {
    if (forbidden.test(value))
      problems.add(field, "INVALID_TEXT", "holds control characters or broken Unicode; remove them");
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, `${field}[${index}]`, problems);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) visit(item, `${field}.${snakeCase(key)}`, problems);
}

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
