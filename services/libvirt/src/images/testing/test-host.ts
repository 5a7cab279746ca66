import { setTimeout as sleep } from "node:timers/promises";
import { Jobs } from "@virtrigaud/kit";
import {
  EnsureState,
  type Image,
  type Operation,
  OperationState,
  type PrepareImageResponse,
} from "@virtrigaud/proto";
import type { Libvirt } from "../../client/index.ts";
import { readPools } from "../../pools.ts";
import { ensureImage } from "../ensure-image.ts";
import type { ImageHost } from "../image-host.ts";

export const never = new AbortController().signal;

/** A daemon's view of a libvirtd, with work of its own. */
export function testHost(libvirt: Libvirt, settings: Partial<ImageHost["settings"]> = {}): ImageHost {
  return {
    libvirt,
    pools: ({ signal }) => readPools(libvirt, { signal }),
    settings: { storageClasses: {}, cpuMode: "host-model", ...settings },
    jobs: new Jobs(),
    refresh: () => true,
    allowedImageHosts: ["127.0.0.1"],
  };
}

/** One call of PrepareImage. */
export const once = (host: ImageHost, image: Image, storageClass = ""): Promise<PrepareImageResponse> =>
  ensureImage(host, { image, storageClass }, { signal: never });

/** The operation's end. */
export async function ended({ jobs }: ImageHost, operation: Operation | undefined): Promise<Operation> {
  for (;;) {
    const now = jobs.get(operation?.name ?? "");
    if (now.state !== OperationState.RUNNING) return now;
    await sleep(5);
  }
}

/** Until COMPLETE, or the operation that failed. */
export async function prepare(
  host: ImageHost,
  image: Image,
  storageClass = "",
): Promise<PrepareImageResponse | Operation> {
  const answer = await once(host, image, storageClass);
  if (answer.state === EnsureState.COMPLETE) return answer;
  const operation = await ended(host, answer.operation);
  return operation.state === OperationState.SUCCEEDED ? once(host, image, storageClass) : operation;
}
