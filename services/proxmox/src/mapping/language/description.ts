import { fromAsciiJson, toAsciiJson } from "./ascii-json.ts";
import { LanguageError } from "./language-error.ts";

/** A VM's notes: what people write, and what we keep for ourselves below it, a JSON text each. */
export interface Description {
  /** What people wrote. */
  readonly notes: string;
  readonly owner?: string;
  readonly spec?: string;
  readonly proof?: string;
}

const kinds = ["owner", "spec", "proof"] as const;

/** Notes are Markdown, which shows no comments. */
const ours = /^<!-- virtrigaud\.io\/(owner|spec|proof) (.*) -->[ \t\r]*$/gm;

/** What Proxmox VE keeps, in characters; 6 keeps more. */
export const longestDescription = 8192;

/** The `description` option. Throws a {@link LanguageError} when it would be too long. */
export function encodeDescription(description: Description): string {
  const notes = description.notes.replace(ours, "").trimEnd();
  const lines = kinds.flatMap((kind) => {
    const json = description[kind];
    return json === undefined ? [] : [`<!-- virtrigaud.io/${kind} ${toAsciiJson(json)} -->`];
  });
  const written = [...(notes === "" ? [] : [notes, ""]), ...lines].join("\n").trimEnd();
  const length = [...written].length;
  if (length > longestDescription)
    throw new LanguageError(
      "description",
      `${length} characters`,
      `at most ${longestDescription} with what VirtRigaud stores there; shorten the VM's notes, or ask for fewer disks and interfaces`,
    );
  return written;
}

/** Splits the option. Of what is there twice, the last counts. */
export function decodeDescription(written: string): Description {
  const held = [...written.matchAll(ours)].map(([, kind = "", json = ""]) => [kind, fromAsciiJson(json)]);
  return { notes: written.replace(ours, "").trimEnd(), ...Object.fromEntries(held) };
}
