import type { PveParameters } from "./encode-request.ts";

const SECRET_PARAMETERS = ["password", "cipassword", "otp"];

/** Too short to be told from a word: PVE's own minimum for passwords is five characters. */
const SHORTEST_SECRET = 5;

/** The values of a request's parameters that must not be repeated, should PVE repeat them. */
export function secretsIn(parameters: PveParameters): string[] {
  return SECRET_PARAMETERS.map((name) => parameters[name]).filter((value) => typeof value === "string");
}

/** The text without the secrets. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
}
