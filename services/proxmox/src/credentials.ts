import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProviderError, status } from "@virtrigaud/kit";
import type { Credentials } from "./client/index.ts";

/**
 * Reads the files of a folder: `token_id` and `token_secret`, or where there is no token_id `username` and `password`.
 * @throws ProviderError HYPERVISOR_CREDENTIALS naming the file.
 */
export async function readCredentials(directory: string): Promise<Credentials> {
  const id = await read(directory, "token_id");
  if (id !== undefined) {
    if (!/^[^@!]+@[^@!]+![^@!]+$/.test(id))
      throw unusable(directory, "token_id", "is not like user@realm!name");
    return { kind: "token", id, secret: await required(directory, "token_secret") };
  }
  const username = await required(directory, "username");
  if (!username.includes("@")) throw unusable(directory, "username", "has no realm: write root@pam");
  return { kind: "password", username, password: await required(directory, "password") };
}

async function required(directory: string, name: string): Promise<string> {
  const text = await read(directory, name);
  if (text === undefined) throw unusable(directory, name, "does not exist");
  return text;
}

/** Undefined when there is no such file. */
async function read(directory: string, name: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, name), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw unusable(directory, name, `cannot be read (${code})`, error);
  }
  if (text.trim() === "") throw unusable(directory, name, "is empty");
  return text.trim();
}

const unusable = (directory: string, name: string, what: string, cause?: unknown): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "HYPERVISOR_CREDENTIALS",
    message: `${join(directory, name)} ${what}; the credentials secret needs the keys token_id and token_secret, or username and password`,
    cause,
  });

/** The account as Proxmox VE names it: "user@realm", or "user@realm!token". */
export const accountOf = (credentials: Credentials): string =>
  credentials.kind === "token" ? credentials.id : credentials.username;
