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

/** Names of the files that each type needs, and what else there may be. */
const FILES = {
  vsphere: ["username", "password", ""],
  libvirt: ["username", "ssh-privatekey", ", with known_hosts unless ssh knows the host already"],
  proxmox: ["token_id", "token_secret", ", or username and password"],
} as const;

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
  if (isLocal(provider)) return new Map();
  const { type } = provider.spec;
  const [first, second, more] = FILES[type === "libvirt" || type === "proxmox" ? type : "vsphere"];
  const folderHint =
    folder === undefined
      ? `--credentials DIR with the files DIR/${name}/${first} and DIR/${name}/${second}${more}`
      : `the files ${first} and ${second} in ${join(folder, name)}${more}`;
  throw new UnavailableError(
    "CredentialsMissing",
    `Provider ${provider.metadata.name} names the Secret ${name}, which is not among the manifests: add it, or give ${folderHint}`,
    true,
  );
}

/** A libvirtd on this machine lets in whom its socket lets in. */
function isLocal({ spec: { type, endpoint } }: Provider): boolean {
  return type === "libvirt" && /^qemu(\+unix)?:\/\/\//.test(endpoint);
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
