import { closestMatch } from "leven";
import type { FieldProblem } from "./field-problem.ts";
import { type Kind, isKind, kinds, unhandledKinds } from "./kinds.ts";
import { isMapping } from "./mapping.ts";
import { API_VERSION, GROUP } from "./resource.ts";

/** The handled kind of an object, or what is wrong with its apiVersion or kind. */
export function identify(value: unknown): { kind: Kind } | { problem: FieldProblem } {
  if (!isMapping(value))
    return problem([], "expected a Kubernetes object: a mapping with apiVersion, kind and metadata");
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== "string")
    return problem(["apiVersion"], `required: expected text such as ${API_VERSION}`);
  if (typeof kind !== "string") return problem(["kind"], `required: expected one of ${handled}`);
  if (isKind(kind)) {
    const expected = kind === "Secret" ? "v1" : API_VERSION;
    if (apiVersion === expected) return { kind };
    return problem(["apiVersion"], `expected ${expected} for a ${kind}, got ${JSON.stringify(apiVersion)}`);
  }
  return problem(["kind"], unhandled(apiVersion, kind));
}

const handled = Object.keys(kinds).join(", ");

function unhandled(apiVersion: string, kind: string): string {
  if (!apiVersion.startsWith(`${GROUP}/`)) {
    return `${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)} is not handled: expected one of ${handled}`;
  }
  if (unhandledKinds.includes(kind)) return `${kind} is accepted by the API and not handled by this version`;
  const near = closestMatch(kind, [...Object.keys(kinds), ...unhandledKinds], { maxDistance: 4 });
  const hint = near === undefined ? `expected one of ${handled}` : `did you mean ${near}?`;
  return `unknown kind ${JSON.stringify(kind)}; ${hint}`;
}

function problem(path: readonly string[], message: string): { problem: FieldProblem } {
  return { problem: { path, message } };
}
