import type { Access } from "../model/access.ts";
import { forbid } from "./error.ts";

/** Who may call an endpoint. Paths have parameters in braces. */
export type Permission =
  /** Anyone, logged in or not. */
  | "world"
  /** Any user; the endpoint looks closer itself. */
  | "all"
  | PermissionCheck;

export type PermissionCheck =
  | {
      readonly kind: "on";
      readonly path: string;
      readonly privileges: readonly string[];
      readonly any: boolean;
    }
  | { readonly kind: "both"; readonly checks: readonly PermissionCheck[] }
  | { readonly kind: "either"; readonly checks: readonly PermissionCheck[] };

/** All of these privileges on a path. */
export const on = (path: string, ...privileges: readonly string[]): PermissionCheck => ({
  kind: "on",
  path,
  privileges,
  any: false,
});
/** One of these privileges on a path. */
export const anyOn = (path: string, ...privileges: readonly string[]): PermissionCheck => ({
  ...on(path, ...privileges),
  kind: "on",
  path,
  privileges,
  any: true,
});
export const both = (...checks: readonly PermissionCheck[]): PermissionCheck => ({ kind: "both", checks });
export const either = (...checks: readonly PermissionCheck[]): PermissionCheck => ({
  kind: "either",
  checks,
});

/** Throws a 403 unless a user may. */
export function authorize(
  access: Access,
  permission: Permission,
  user: string | undefined,
  parameters: Readonly<Record<string, unknown>>,
): void {
  if (permission === "world") return;
  if (user === undefined) forbid("user != null");
  if (user === "root@pam" || permission === "all") return;
  const refusal = refusalOf(access, permission, user, parameters);
  if (refusal !== undefined) forbid(refusal === "" ? undefined : refusal);
}

/** What is missing, in PVE's words; empty when PVE does not name it. */
function refusalOf(
  access: Access,
  check: PermissionCheck,
  user: string,
  parameters: Readonly<Record<string, unknown>>,
): string | undefined {
  const of = (inner: PermissionCheck) => refusalOf(access, inner, user, parameters);
  switch (check.kind) {
    case "both":
      return check.checks.map(of).find((refusal) => refusal !== undefined);
    case "either":
      return check.checks.some((inner) => of(inner) === undefined) ? undefined : "";
    case "on": {
      const path = normalPath(check.path.replace(/\{(\w+)\}/g, (_, name) => String(parameters[name] ?? "")));
      return missing(access, user, path, check.privileges, check.any);
    }
  }
}

/** The missing privileges on a path in PVE's words; undefined when nothing is missing. */
export function missing(
  access: Access,
  user: string,
  path: string,
  privileges: readonly string[],
  any: boolean,
): string | undefined {
  const held = access.permissions(user, path);
  if (any) return privileges.some((name) => held.has(name)) ? undefined : `${path}, ${privileges.join("|")}`;
  const lacking = privileges.find((name) => !held.has(name));
  return lacking === undefined ? undefined : `${path}, ${lacking}`;
}

const normalPath = (path: string) => path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
