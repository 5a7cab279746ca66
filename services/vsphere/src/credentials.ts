import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProviderError, status } from "@virtrigaud/kit";
import type { Credentials } from "./client/refused-credentials.ts";

/** Reads the files `username` and `password` of a folder. @throws ProviderError HYPERVISOR_CREDENTIALS naming the file. */
export async function readCredentials(directory: string): Promise<Credentials> {
  return { username: await read(directory, "username"), password: await read(directory, "password") };
}

async function read(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw missing(path, `cannot be read (${cause.code})`, cause);
  });
  if (text.trim() === "") throw missing(path, "is empty");
  return text.trim();
}

const missing = (path: string, what: string, cause?: unknown): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "HYPERVISOR_CREDENTIALS",
    message: `${path} ${what}; the credentials secret needs the keys username and password`,
    cause,
  });
