import {
  failedPrecondition,
  invalidArgument,
  ProviderError,
  status,
  type UnaryHandler,
  violation,
} from "@virtrigaud/kit";
import {
  EnsureState,
  type Image,
  type Operation,
  type PreparedImage,
  type PrepareImageResponse,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { importImage } from "../import-image.ts";
import { findTemplate, imageSource } from "../mapping/image.ts";
import { digestOf, importAdvice, preparedImage } from "../mapping/image-import.ts";
import type { TemplateEntry } from "../mapping/inventory.ts";
import { Problems } from "../mapping/problems.ts";

/** One step of the resumable ensure: look for the template, else take the next step to it. */
export const prepareImage =
  (cluster: Cluster): UnaryHandler<"prepareImage"> =>
  async ({ image, storageClass }, { signal }) => {
    if (image === undefined) throw invalidArgument([violation("image", "REQUIRED", "an image is needed")]);
    const call = { signal };
    const source = sourceOf(image);
    const listing = await cluster.vms.list(call);
    const templates = listing.vms.filter(({ isTemplate }) => isTemplate);
    const problems = new Problems();
    const entry = findTemplate(image, templates, problems);
    if (source.kind === "template")
      return complete(await prepared(cluster, required(entry, problems), "", call));

    const { url, name } = source;
    const advice = importAdvice(url);
    if (entry !== undefined) return complete(await prepared(cluster, entry, digestOf(url), call), advice);
    const operation = await cluster.turns.run(name, signal, () =>
      importImage(cluster, { url, name, storageClass }, call),
    );
    return inProgress(operation, advice);
  };

function sourceOf(image: Image) {
  const problems = new Problems();
  const source = imageSource(image, problems);
  if (source === undefined) throw failedPrecondition(problems.violations);
  return source;
}

function required(entry: TemplateEntry | undefined, { violations }: Problems): TemplateEntry {
  if (entry !== undefined) return entry;
  const [first] = violations;
  if (first?.reason !== "IMAGE_UNKNOWN") throw failedPrecondition(violations);
  throw new ProviderError({
    code: status.NOT_FOUND,
    reason: first.reason,
    message: first.description,
    violations,
  });
}

async function prepared(
  cluster: Cluster,
  entry: TemplateEntry,
  digest: string,
  call: Call,
): Promise<PreparedImage> {
  const [template] = await Promise.all([cluster.template(entry, call), cluster.noteTemplate(entry, call)]);
  return preparedImage(template, digest);
}

const complete = (
  image: PreparedImage,
  advice: PrepareImageResponse["advice"] = [],
): PrepareImageResponse => ({ state: EnsureState.COMPLETE, operation: undefined, image, advice });

const inProgress = (operation: Operation, advice: PrepareImageResponse["advice"]): PrepareImageResponse => ({
  state: EnsureState.IN_PROGRESS,
  operation,
  image: undefined,
  advice,
});
