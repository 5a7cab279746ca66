import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Provider } from "../api/provider.ts";
import { type Secret, secretEntries } from "../api/secret.ts";
import { isCode } from "../store/folder/durable-file.ts";
import { UnavailableError } from "./unavailable.ts";

/** A hypervisor's credentials by file name. */
export type Credentials = ReadonlyMap<string, Uint8Array>;

/** What Kubernetes allows as a key, for keys become file names; ".." is not a name. */
const KEY = /^(?!\.\.)[-._a-zA-Z0-9]+$/;

/**
 * Credentials of a Provider: the files of `<folder>/<name of the Secret>/`, as a Secret is mounted, else the Secret.
 * @throws UnavailableError when there are none, saying where they are looked for
 */
export async function readCredentials(
  provider: Provider,
  secret: Secret | undefined,
  folder: string | undefined,
): Promise<Credentials> {
  const { name } = provider.spec.credentialSecretRef;
  const mounted = folder === undefined ? undefined : await readMounted(join(folder, name));
  if (mounted !== undefined) return mounted;
  if (secret !== undefined) return new Map([...secretEntries(secret)].filter(([key]) => KEY.test(key)));
  const folderHint =
    folder === undefined
      ? `--credentials DIR with the files DIR/${name}/username and DIR/${name}/password`
      : `the files username and password in ${join(folder, name)}`;
  throw new UnavailableError(
    "CredentialsMissing",
    `Provider ${provider.metadata.name} names the Secret ${name}, which is not among the manifests: add it, or give ${folderHint}`,
    true,
  );
}

async function readMounted(folder: string): Promise<Credentials | undefined> {
  try {
    const files = (await readdir(folder)).filter((name) => KEY.test(name));
    const entries = await Promise.all(files.map((name) => readEntry(folder, name)));
    return new Map(entries.filter((entry) => entry !== undefined));
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function readEntry(folder: string, name: string): Promise<[string, Uint8Array] | undefined> {
  const path = join(folder, name);
  return (await stat(path)).isFile() ? [name, await readFile(path)] : undefined;
}
