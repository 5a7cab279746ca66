import { createHash } from "node:crypto";

/** Values that are measured or made at random, by their names. */
const VOLATILE = new Set(
  [
    "pid pstart starttime endtime uptime cpu mem memhost netin netout disk diskread diskwrite digest vmgenid ctime",
    "snaptime used avail used_fraction ssl_fingerprint ticket CSRFPreventionToken loadavg idle wait free available",
    "rootfs kversion pveversion repoid mhz flags model family boot-info current-kernel rx-bytes",
    "rx-packets tx-bytes tx-packets",
  ]
    .join(" ")
    .split(" "),
);

/** A body without what differs from run to run, lists in one order, comma lists sorted. */
export function stable(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => stable(item));
    return items.every((item) => typeof item === "object") ? items.sort(byText) : items;
  }
  if (typeof value === "object" && value !== null) {
    const isNode = (value as { type?: string }).type === "node";
    // A row of a list of options.
    if ((value as { key?: string }).key === "digest") return { key: "digest" };
    // Texts for people, which we word ourselves: what a CPU flag is, what a machine version changes.
    const wording = "supported-on" in value ? "description" : "changes";
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, inner]) => inner !== undefined && key !== wording)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [
          key,
          VOLATILE.has(key) || (isNode && key === "maxdisk") ? "*" : stable(inner, key),
        ]),
    );
  }
  if (typeof value !== "string") return value;
  if (name === "content") return value.split(",").sort().join(",");
  return anonymous(value);
}

const anonymous = (text: string) =>
  text
    .replace(/UPID:(\w+):[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:/g, "UPID:$1:*:")
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uuid>")
    .replace(/\b([0-9A-F]{2}:){5}[0-9A-F]{2}\b/g, "<mac>")
    .replace(/ctime=\d+/g, "ctime=*")
    .replace(/instance-id: \w+/g, "instance-id: *");

const byText = (a: unknown, b: unknown) => {
  const [left, right] = [a, b].map((item) => createHash("sha1").update(JSON.stringify(item)).digest("hex"));
  return (left ?? "") < (right ?? "") ? -1 : 1;
};
