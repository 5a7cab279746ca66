import type { Violation } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";

/**
 * Every enum field of a message that holds a number this contract version does not know. Such a knob cannot be honoured, so it
 * is refused rather than read as unset. Relies on the generated code, where such a number becomes the string "UNRECOGNIZED"
 * and a oneof is {$case, value};
 * free text of that very content is told apart by its field, which is none of the enums'.
 */
export function validateEnums(message: unknown): Violation[] {
  // Nearly every request is free of them, and the paths are what costs.
  return mayHoldUnknown(message) ? violationsIn(message, "") : [];
}

function mayHoldUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === "UNRECOGNIZED";
  return Object.values(value).some(mayHoldUnknown);
}

function violationsIn(message: unknown, path: string): Violation[] {
  if (Array.isArray(message)) {
    return message.flatMap((member, index) => violationsIn(member, `${path}[${label(member, index)}]`));
  }
  if (typeof message !== "object" || message === null) return [];
  if ("$case" in message && "value" in message) {
    const parent = path.slice(0, path.lastIndexOf(".") + 1);
    return violationsIn(message.value, `${parent}${snake(String(message.$case))}`);
  }
  return Object.entries(message).flatMap(([key, value]) => {
    if (MAPS.has(key)) return [];
    const field = path === "" ? snake(key) : `${path}.${snake(key)}`;
    if (value !== "UNRECOGNIZED" || !ENUM_FIELDS.has(key)) return violationsIn(value, field);
    const said =
      "holds a value that this version of the contract does not know; use one that GetInfo's version has";
    return [violation(field, "UNKNOWN_ENUM_VALUE", said)];
  });
}

/** Names of the enum fields that requests can carry; a test compares it with the .proto files. */
export const ENUM_FIELDS: ReadonlySet<string> = new Set([
  "action",
  "checksumAlgorithm",
  "controller",
  "firmware",
  "hyperThreadingPolicy",
  "latencySensitivity",
  "mode",
  "onGracefulTimeout",
  "policy",
  "provisioning",
  "restartPolicy",
  "version",
  "view",
]);

/** Fields whose keys are the caller's own words. */
const MAPS: ReadonlySet<string> = new Set(["extraConfig", "metaData"]);

function label(member: unknown, index: number): string {
  const named =
    typeof member === "object" && member !== null && "name" in member && typeof member.name === "string";
  return named && member.name !== "" ? String(member.name) : String(index);
}

function snake(camel: string): string {
  return camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
