/**
 * Fields that never reach a log: those that the .proto files mark debug_redact (a test compares) and credentials by their usual
 * names. Of a url only the origin is kept, because consoles carry tickets in theirs.
 */
export const REDACTED_FIELDS: ReadonlySet<string> = new Set([
  "userData",
  "password",
  "url",
  "ticket",
  "token",
  "secret",
  "privateKey",
  "authorization",
  "cookie",
]);

const DEEPEST = 6;

/** A copy of what shall be logged without the values of {@link REDACTED_FIELDS}, at any depth. Errors stay as they are. */
export function redact(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (!REDACTED_FIELDS.has(key)) return [key, redactValue(value, depth)];
      return [key, key === "url" ? originOf(value) : "(redacted)"];
    }),
  );
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) return "(too deep)";
  if (Array.isArray(value)) return value.map((member) => redactValue(member, depth + 1));
  const plain = Object.getPrototypeOf(value);
  return plain === null || plain.constructor?.name === "Object" ? redact({ ...value }, depth + 1) : value;
}

function originOf(url: unknown): string {
  return typeof url === "string" && URL.canParse(url) ? `${new URL(url).origin}/(redacted)` : "(redacted)";
}
