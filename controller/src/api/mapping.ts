/** Whether the value is a mapping of names to values: what YAML and JSON call a mapping and an object. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
