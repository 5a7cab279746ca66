import { mkdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { readIfPresent, writeDurably } from "./durable-file.ts";
import { type Unlock, lockFolder } from "./lock.ts";
import { StateFolderError } from "./state-folder-error.ts";

/** A state folder that this process holds. */
export interface StateFolder {
  readonly path: string;
  readonly unlock: Unlock;
}

/**
 * Opens and locks the state folder of some manifests. Without `explicit` it is
 * `${XDG_STATE_HOME:-~/.local/state}/virtrigaud/<name of the folder of the first path>`, and remembers which folder it
 * belongs to, so that two folders of one name never share UIDs.
 * @throws StateFolderError, of which LockedError is one
 */
export async function openStateFolder(
  paths: readonly string[],
  explicit: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<StateFolder> {
  const path = await stateFolderPath(paths, explicit, env);
  const roots = await Promise.all(paths.map(rootOf));
  const inside = roots.find((root) => contains(root, path));
  if (inside !== undefined) {
    throw new StateFolderError(
      `state folder ${path} is inside the manifests' folder ${inside}: choose another with --state DIR`,
    );
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(path);
  try {
    if (explicit === undefined) await claim(path, roots[0] ?? "");
    return { path, unlock };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Where the state of some manifests is kept; nothing is made or locked. */
export async function stateFolderPath(
  paths: readonly string[],
  explicit: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const manifests = await rootOf(paths[0] ?? ".");
  return resolve(explicit ?? join(stateHome(env), "virtrigaud", basename(manifests) || "root"));
}

async function claim(path: string, manifests: string): Promise<void> {
  const marker = join(path, "manifests");
  const owner = (await readIfPresent(marker))?.trim();
  if (owner === undefined) return writeDurably(marker, `${manifests}\n`);
  if (owner === manifests) return;
  throw new StateFolderError(
    `state folder ${path} belongs to the manifests in ${owner}, not to ${manifests}: give --state DIR, or --state ${path} if that folder was moved here`,
  );
}

/** The folder that a path of manifests names: itself, or the one a file is in. */
async function rootOf(path: string): Promise<string> {
  const real = await realpath(path);
  return (await stat(real)).isDirectory() ? real : dirname(real);
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || !(way.startsWith("..") || way.startsWith("/"));
}

/** XDG base directory specification: a relative path there is to be ignored. */
function stateHome(env: NodeJS.ProcessEnv): string {
  const configured = env.XDG_STATE_HOME;
  return configured?.startsWith("/") ? configured : join(homedir(), ".local", "state");
}
