import { createHash } from "node:crypto";
import { writeSeed } from "@virtrigaud/kit/nocloud";
import type { Operation } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { PveError } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { attempt, unlessGone } from "./errors.ts";
import { type Seed, seedFilename } from "./mapping/cloud-init.ts";
import { usableStorages } from "./mapping/storage.ts";
import { taskOperation } from "./task.ts";

/** A file in a storage, with a node that sees it. */
interface StoredFile {
  readonly node: string;
  readonly storage: string;
  /** "local:iso/seed.iso" */
  readonly volume: string;
}

/** What this daemon knows of the seed of a uid: which one it has uploaded, and where there is one to remove. */
interface KnownSeed {
  readonly digest?: string;
  /** The task that stores it. */
  readonly upid?: string;
  /** Undefined: there is none. */
  readonly file: StoredFile | undefined;
}

const most = 10_000;

/** Seeds by uid. Another daemon uploads the same again, and looks for what there is to remove. */
export class Seeds {
  readonly #known = new Map<string, KnownSeed>();

  get(uid: string): KnownSeed | undefined {
    return this.#known.get(uid);
  }

  note(uid: string, seed: KnownSeed): void {
    this.#known.delete(uid);
    this.#known.set(uid, seed);
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Uploads a VM's seed, before anything names it; undefined once it is stored. */
export async function uploadSeed(
  cluster: Cluster,
  uid: string,
  node: string,
  { storage, filename, volume, files }: Seed,
  call: Call,
): Promise<Operation | undefined> {
  const bytes = writeSeed(files);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const known = cluster.seeds.get(uid);
  if (known?.digest === digest && known.upid !== undefined && known.file?.node === node) {
    const { upid } = known;
    const stored = await attempt(`reading task ${upid}`, () => unlessGone(cluster.tasks.read(upid, call)));
    if (stored?.state === "running") return taskOperation("seed", uid, upid);
    if (stored?.state === "ok" || stored?.state === "warnings") return undefined;
  }
  const isElsewhere =
    known?.file !== undefined && (known.file.node !== node || known.file.storage !== storage);
  if (isElsewhere && known.file !== undefined) await removeFile(cluster, known.file, call);
  const upload = { node, storage, content: "iso", filename, bytes };
  const upid = await attempt(`uploading the cloud-init seed to storage ${storage}`, () =>
    cluster.pve.upload(upload, call),
  );
  cluster.seeds.note(uid, { digest, upid, file: { node, storage, volume } });
  return taskOperation("seed", uid, upid);
}

/** Removes the seed of a VM that is gone, or was never made. */
export async function removeSeed(cluster: Cluster, uid: string, call: Call): Promise<void> {
  const known = cluster.seeds.get(uid);
  const file = known === undefined ? await findSeed(cluster, uid, call) : known.file;
  if (file !== undefined) await removeFile(cluster, file, call);
  cluster.seeds.note(uid, { file: undefined });
}

/** Removes a file; one that is gone is a success. */
export async function removeFile(
  { pve }: Cluster,
  { node, storage, volume }: StoredFile,
  call: Call,
): Promise<void> {
  const { content } = pve.api(call).nodes.$(node).storage.$(storage);
  const isThere = async () => (await content.$get()).some(({ volid }) => volid === volume);
  await attempt(`removing ${volume}`, async () => {
    if (!(await isThere())) return;
    try {
      await content.$(volume).$delete({ delay: 10 });
    } catch (error) {
      // Someone else was faster.
      if (!(error instanceof PveError) || (await isThere())) throw error;
    }
  });
}

/** Looks in every storage that a seed could be in. */
async function findSeed(cluster: Cluster, uid: string, call: Call): Promise<StoredFile | undefined> {
  const { nodes } = await cluster.inventory(call);
  const asked = new Set<string>();
  for (const node of nodes.filter(({ online }) => online)) {
    for (const { name: storage, shared } of usableStorages(node, "iso")) {
      if (shared && asked.has(storage)) continue;
      asked.add(storage);
      const volume = `${storage}:iso/${seedFilename(uid)}`;
      const { content } = cluster.pve.api(call).nodes.$(node.name).storage.$(storage);
      const stored = await attempt(`looking into storage ${storage}`, () => content.$get({ content: "iso" }));
      if (stored.some(({ volid }) => volid === volume)) return { node: node.name, storage, volume };
    }
  }
  return undefined;
}

/** Notes where the seed of a VM is that is about to go, so that it need not be looked for. */
export function noteSeed(cluster: Cluster, uid: string, node: string, volume: string | undefined): void {
  const isSeed = volume?.endsWith(`iso/${seedFilename(uid)}`) ?? false;
  const storage = volume?.split(":")[0];
  const file =
    isSeed && volume !== undefined && storage !== undefined ? { node, storage, volume } : undefined;
  cluster.seeds.note(uid, { file });
}
