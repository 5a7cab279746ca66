import { hostname } from "node:os";
import type { Resource } from "../api/kinds.ts";
import { createPrivateFolder } from "../children/private-folder.ts";
import { formatProblem } from "../manifest/problem.ts";
import type { ProviderServices } from "../providers/services.ts";
import { FolderStore } from "../store/folder/folder-store.ts";
import { Records } from "../store/folder/records.ts";
import { openStateFolder } from "../store/folder/state-folder.ts";
import type { Store } from "../store/store.ts";
import type { CliIo } from "./io.ts";
import type { Progress } from "./progress.ts";

/** Options that several commands have. */
export interface SessionOptions {
  readonly paths: readonly string[];
  readonly state: string | undefined;
  readonly credentials: string | undefined;
  readonly simulate: boolean;
}

/** A state folder that a command holds. */
export interface OpenState {
  readonly records: Records;
  readonly close: () => Promise<void>;
}

/** Takes the state folder. What a simulation makes is gone with it, so its state is too unless a folder is given. */
export async function openState({ paths, state, simulate }: SessionOptions, io: CliIo): Promise<OpenState> {
  const temporary = simulate && state === undefined ? await createPrivateFolder() : undefined;
  const { path, unlock } = await openStateFolder(paths, temporary?.path ?? state, io.env);
  return {
    records: new Records(path),
    close: async () => {
      await unlock();
      await temporary?.remove();
    },
  };
}

/** The manifests as a store. */
export function folderStore(
  { paths }: SessionOptions,
  resources: readonly Resource[],
  records: Records,
  progress: Progress,
  deleting = false,
): FolderStore {
  return new FolderStore({
    paths,
    resources,
    records,
    deleting,
    onProblems: (problems) => {
      for (const problem of problems) progress.say(formatProblem(problem));
      progress.say("the manifests as they were before stay in force until this is corrected");
    },
  });
}

/** What providers are started with. */
export function providerServices(
  { credentials, simulate }: SessionOptions,
  resources: readonly Resource[],
  store: Store,
  progress: Progress,
  io: CliIo,
): ProviderServices {
  return {
    controllerId: `vrtg/${hostname()}`.slice(0, 128),
    env: io.env,
    credentialsFolder: credentials,
    simulateFor: simulate ? () => resources : undefined,
    secretOf: (ref) => store.get("Secret", ref),
    onLine: (ref, line) => progress.log(ref, line),
  };
}
