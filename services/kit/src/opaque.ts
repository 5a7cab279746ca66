/** Packs strings into one that callers must not read, safe in URLs and logs. */
export function pack(version: string, fields: readonly string[]): string {
  return Buffer.from(JSON.stringify([version, ...fields])).toString("base64url");
}

/** What {@link pack} packed under this version; undefined for anything else. */
export function unpack(version: string, packed: string): string[] | undefined {
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(packed, "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(decoded) || !decoded.every((field) => typeof field === "string")) return undefined;
  const [found, ...fields] = decoded;
  // base64url is decoded leniently; a name or token that was not given out must not pass for one that was.
  return found === version && pack(version, fields) === packed ? fields : undefined;
}
