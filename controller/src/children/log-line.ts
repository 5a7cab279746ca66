/** A daemon's log line as far as the controller passes it on. */
export interface LogLine {
  readonly text: string;
  /** Whether somebody should see it now: a warning, an error, or output that is no log at all. */
  readonly important: boolean;
}

/** Level of warnings in pino's numbering. */
const WARN = 40;

/** Reads a line of a daemon's output: a JSON object of its log, or text such as a crash leaves behind. */
export function readLogLine(line: string): LogLine {
  const entry = jsonObject(line);
  if (entry === undefined) return { text: line, important: line.trim() !== "" };
  const { level, msg, err } = entry;
  const cause = typeof err === "object" && err !== null && "message" in err ? `: ${String(err.message)}` : "";
  const important =
    typeof level === "number" ? level >= WARN : ["warn", "error", "fatal"].includes(String(level));
  return { text: `${String(msg)}${cause}`, important };
}

/** Address from the line by which a daemon says that it serves; undefined for any other line. */
export function servingAddress(line: string): string | undefined {
  const { msg, address } = jsonObject(line) ?? {};
  return msg === "serving" && typeof address === "string" ? address : undefined;
}

/** The line's JSON object; undefined when it is none. */
export function jsonObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
