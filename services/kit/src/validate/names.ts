import type { Violation } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CONTROL = /\p{Cc}/u;

/** A UID must be an RFC 4122 UUID in lower case. */
export function validateUid(uid: string, field = "uid"): Violation[] {
  if (uid === "") return [violation(field, "REQUIRED", "is required: the owning resource's UID")];
  if (UUID.test(uid)) return [];
  const example = "an RFC 4122 UUID in lower case, e.g. 3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";
  return [violation(field, "INVALID_UID", `must be ${example}`)];
}

/** A name of 1 to 80 characters that every hypervisor can hold: no control characters and no path separators. */
export function validateName(name: string, field: string): Violation[] {
  if (name === "") return [violation(field, "REQUIRED", "is required: 1 to 80 characters")];
  const length = [...name].length;
  if (length > 80) return [violation(field, "INVALID_NAME", `must be 1 to 80 characters, not ${length}`)];
  if (CONTROL.test(name)) return [violation(field, "INVALID_NAME", "must not hold control characters")];
  if (/[/\\]/.test(name)) return [violation(field, "INVALID_NAME", 'must not hold "/" or "\\"')];
  return [];
}

/** An identity that the provider itself gave out. */
export function validateRequired(value: string, field: string, what: string): Violation[] {
  return value === "" ? [violation(field, "REQUIRED", `is required: ${what}`)] : [];
}

/** Who asks: free text for people, at most 128 characters. */
export function validateControllerId(id: string, field = "controller_id"): Violation[] {
  const length = [...id].length;
  if (length > 128)
    return [violation(field, "INVALID_NAME", `must be at most 128 characters, not ${length}`)];
  if (CONTROL.test(id)) return [violation(field, "INVALID_NAME", "must not hold control characters")];
  return [];
}

/** Paths of the members of a named list, `disks[data]`; by position where the name cannot tell. */
export function memberPaths(members: readonly { name: string }[], field: string): string[] {
  return members.map(({ name }, index) => {
    const unique = name !== "" && members.filter((other) => other.name === name).length === 1;
    return `${field}[${unique ? name : index}]`;
  });
}

/** Members of a list whose name another one before them has. */
export function validateUnique(members: readonly { name: string }[], field: string): Violation[] {
  return members.flatMap(({ name }, index) => {
    const first = members.findIndex((other) => other.name === name);
    if (name === "" || first === index) return [];
    const said = `must be unique: "${name}" is also ${field}[${first}]`;
    return [violation(`${field}[${index}].name`, "DUPLICATE_NAME", said)];
  });
}
