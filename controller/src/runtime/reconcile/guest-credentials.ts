import type { GuestCredentials } from "@virtrigaud/proto";
import { type Secret, secretEntries } from "../../api/secret.ts";
import type { Obstacle } from "../../obstacle.ts";

/** Where a VM names the Secret, for messages. */
export const GUEST_CREDENTIALS = "annotation virtrigaud.io/guest-credentials";

/** The account in the guest that a Secret holds; undefined, with an obstacle, when a key is missing. */
export function readGuestCredentials(
  secret: Secret,
  report: (obstacle: Obstacle) => void,
): GuestCredentials | undefined {
  const entries = secretEntries(secret);
  const [username, password] = [entries.get("username"), entries.get("password")];
  if (username !== undefined && password !== undefined)
    return { username: utf8(username), password: utf8(password) };
  const message = `${GUEST_CREDENTIALS}: Secret ${secret.metadata.name} needs the keys username and password`;
  report({ reason: "SecretKeyMissing", message, final: true });
  return undefined;
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
