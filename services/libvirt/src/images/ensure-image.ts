import { failedPrecondition, ProviderError, status } from "@virtrigaud/kit";
import {
  type Advice,
  EnsureState,
  Feature,
  type Image,
  type Operation,
  PreparedImage,
  type PrepareImageResponse,
  type UrlImage,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { type BaseImage, imagePool, type ImageSource, imageSource } from "../mapping/images.ts";
import { Problems } from "../mapping/problems.ts";
import type { FoundPool } from "../pools.ts";
import { volumeIn } from "../volumes.ts";
import { findFile } from "./existing-file.ts";
import { fileName } from "./find-image.ts";
import type { ImageHost } from "./image-host.ts";
import { importImage, readImported } from "./import-image.ts";
import type { ImportedImage } from "./links.ts";
import { linkFor } from "./names.ts";
import { refreshIfIdle } from "./refresh-if-idle.ts";

/** An image to prepare, and the storage class of the pool to keep it in, "" without one. */
export interface Asked {
  readonly image: Image;
  readonly storageClass: string;
}

/**
 * Sees that an image is on the host: COMPLETE when it is, else IN_PROGRESS with the import that brings it.
 * @throws ProviderError FAILED_PRECONDITION IMAGE_SOURCE_MISSING, IMAGE_REFUSED, STORAGE_CLASS_UNKNOWN, PLACEMENT_UNKNOWN; NOT_FOUND for
 *   a path that is not there.
 */
export async function ensureImage(host: ImageHost, asked: Asked, call: Call): Promise<PrepareImageResponse> {
  const { source, pool } = await locate(host, asked, call);
  if (source.kind === "path") return complete(await existing(host, pool, source.path, call), []);
  const present = await readImported(host.libvirt, pool, linkFor(source.url), call);
  if (present !== undefined) return complete(prepared(pool, present), adviceOn(source.url, present));
  const operation = startImport(host, asked.image.name, source.url, pool);
  return { state: EnsureState.IN_PROGRESS, operation, image: undefined, advice: adviceOn(source.url) };
}

interface Located {
  readonly source: ImageSource;
  readonly pool: FoundPool;
}

/** A refusal is only believed of a fresh look: a pool may have been made a moment ago. */
async function locate(host: ImageHost, asked: Asked, call: Call): Promise<Located> {
  const first = locateAmong(await host.pools(call), host, asked);
  const found =
    "source" in first || !host.refresh() ? first : locateAmong(await host.pools(call), host, asked);
  if ("source" in found) return found;
  const violations = found.violations.map((one) => ({ ...one, field: one.field.replace(/^spec\./, "") }));
  throw failedPrecondition(violations);
}

function locateAmong(
  pools: readonly FoundPool[],
  { settings }: ImageHost,
  { image, storageClass }: Asked,
): Located | Problems {
  const problems = new Problems();
  const source = imageSource(image, pools, problems);
  if (source === undefined) return problems;
  const pool =
    source.kind === "path"
      ? pools.find(({ name }) => name === source.pool)
      : imagePool({ pool: source.pool, storageClass }, pools, settings, problems);
  return pool === undefined ? problems : { source, pool };
}

async function existing(host: ImageHost, pool: FoundPool, path: string, call: Call): Promise<PreparedImage> {
  const vol = volumeIn(pool, fileName(path));
  const find = () => findFile(host.libvirt, vol, call);
  const found = (await find()) ?? (await refreshIfIdle(host.libvirt, pool, call).then(find));
  if (found !== undefined) return prepared(pool, found);
  throw new ProviderError({
    code: status.NOT_FOUND,
    reason: "IMAGE_NOT_FOUND",
    message: `pool ${pool.name} has no file ${path}; put the image there or correct source.libvirt.path`,
  });
}

function startImport(host: ImageHost, name: string, url: UrlImage, pool: FoundPool): Operation {
  return host.jobs.start({
    key: `image ${pool.name} ${linkFor(url)}`,
    description: `import image ${name}`,
    run: async (context) => ({
      $case: "preparedImage",
      value: prepared(pool, await importImage(host, url, pool, context)),
    }),
  });
}

const complete = (image: PreparedImage, advice: Advice[]): PrepareImageResponse => ({
  state: EnsureState.COMPLETE,
  operation: undefined,
  image,
  advice,
});

const prepared = (pool: FoundPool, { path, sizeBytes, sha256 }: BaseImage & Partial<ImportedImage>) =>
  PreparedImage.fromPartial({
    id: path,
    location: `pool ${pool.name}, ${path}`,
    digest: sha256 === undefined ? "" : `sha256:${sha256}`,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  });

function adviceOn({ checksum }: UrlImage, present?: ImportedImage): Advice[] {
  if (checksum !== "") return [];
  const [found, add] =
    present === undefined
      ? ["will be kept", "add a checksum"]
      : ["is kept", `add its checksum sha256:${present.sha256}, or that of what you want`];
  const message = `without a checksum nobody knows what the server sends, and what it sent first ${found}, whatever the URL holds later; ${add}`;
  return [{ feature: Feature.IMAGE_PREPARE, message }];
}
