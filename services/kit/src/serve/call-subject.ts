import type { VMReference } from "@virtrigaud/proto";

/** What a call is about, for the log. */
export interface CallSubject {
  readonly uid?: string;
  /** The native name, where the request tells it. */
  readonly vm?: string;
  readonly operation?: string;
}

/** Picks from a request what identifies its VM or operation; nothing else of a request is ever logged. */
export function subjectOf(request: object): CallSubject {
  const vm = field(request, "vm") as VMReference | undefined;
  const uid = text(request, "uid") ?? (vm?.reference?.$case === "uid" ? vm.reference.value : undefined);
  const id = text(request, "id") ?? (vm?.reference?.$case === "id" ? vm.reference.value : undefined);
  const spec = field(request, "spec");
  const name = typeof spec === "object" && spec !== null ? text(spec, "name") : undefined;
  const cloneName = "source" in request ? text(request, "name") : undefined;
  const operation = Object.keys(request).join() === "name" ? text(request, "name") : undefined;
  const found = Object.entries({ uid, vm: name ?? cloneName ?? id, operation });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

function field(message: object, key: string): unknown {
  return (message as Record<string, unknown>)[key];
}

function text(message: object, key: string): string | undefined {
  const value = field(message, key);
  return typeof value === "string" && value !== "" ? value.slice(0, 200) : undefined;
}
