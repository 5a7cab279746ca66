/** What a proof's script printed in the guest, by name. The guest decides what that is: no value is more than a claim. */
export type GuestFacts = ReadonlyMap<string, string>;

/** Why a guest could not be asked. */
export type Silence =
  | "NO_GUEST_ACCESS"
  | "GUEST_EXEC_BLOCKED"
  | "GUEST_PROOF_TIMEOUT"
  | "GUEST_ANSWER_UNREADABLE"
  | "SIMULATED";

/** What came of asking a guest whether it can run virtual machines. */
export type GuestReport =
  /** `way`: by the script, or by reading files where the agent may not run programs. */
  | { readonly system: "linux"; readonly way: "script" | "files"; readonly facts: GuestFacts }
  | { readonly system: "windows"; readonly facts: GuestFacts }
  | { readonly system: "silent"; readonly reason: Silence; readonly words: string };

const maxFacts = 32;
const maxValueLength = 200;

/**
 * Reads lines of `name=value`; what is no such line, too long or too much is left out, and so are characters that have no place in a log
 * or in XML. Undefined without the last line, `end=yes`: then the script did not get to its end.
 */
export function parseFacts(output: string): GuestFacts | undefined {
  const facts = new Map<string, string>();
  for (const line of output.split(/\r?\n/)) {
    const [, name, value = ""] = /^([a-z0-9_]{1,32})=(.*)$/s.exec(line) ?? [];
    if (name !== undefined && facts.size < maxFacts) facts.set(name, oneLine(value));
  }
  return facts.get("end") === "yes" ? facts : undefined;
}

/** A guest's words in one short line of printable characters. */
export const oneLine = (words: string): string =>
  words
    .slice(0, 4 * maxValueLength)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .slice(0, maxValueLength);
