/** Makes of one JSON line of the log one for people: time, level, message, then the rest as key=value; a stack follows below. */
export function formatLine(line: string): string {
  const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === "string" ? quote(value) : JSON.stringify(value)}`,
  );
  const head = [
    String(time).slice(11, 23),
    String(level).toUpperCase().padEnd(5),
    String(msg),
    ...fields,
  ].join(" ");
  return `${head}\n${err === undefined ? "" : explain(err, "  ")}`;
}

function quote(value: string): string {
  return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}

function explain(err: unknown, indent: string): string {
  if (typeof err !== "object" || err === null) return `${indent}${String(err)}\n`;
  const { stack, name, message, cause } = err as Record<string, unknown>;
  const text = typeof stack === "string" ? stack : `${name}: ${message}`;
  const own = text
    .split("\n")
    .map((one) => `${indent}${one}\n`)
    .join("");
  return cause === undefined ? own : `${own}${indent}caused by\n${explain(cause, indent)}`;
}
