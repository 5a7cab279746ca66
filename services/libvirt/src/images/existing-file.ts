import type { Call } from "../call.ts";
import type { Libvirt, StorageVol } from "../client/index.ts";
import { attempt } from "../errors.ts";
import type { BaseImage } from "../mapping/images.ts";
import { type Element, numberOf, textOf } from "../mapping/xml.ts";
import { HEAD_BYTES, inspect } from "./inspect.ts";
import { describe } from "./links.ts";
import { isQcow2 } from "./qcow2-header.ts";
import { imageRefused } from "./store-image.ts";

/** What was found in a file, as long as its change time and size are these. */
interface Checked {
  readonly state: string;
  readonly base: BaseImage;
}

/** Reading a file's beginning takes a connection of its own, which CreateVM should not need for each VM. */
const checkedBy = new WeakMap<Libvirt, Map<string, Checked>>();

/**
 * A file that was on the host already, as a base for disks; undefined when no pool has a volume of this path. One round trip if the file
 * was looked into before and is as it was then.
 * @throws FAILED_PRECONDITION IMAGE_REFUSED for what is no image, or one that has QEMU open other files.
 */
export async function findFile(
  libvirt: Libvirt,
  vol: StorageVol,
  call: Call,
): Promise<BaseImage | undefined> {
  return attempt(`looking into ${vol.key}`, async () => {
    const volume = await describe(libvirt, vol, call);
    if (volume === undefined) return undefined;
    const checked = checkedBy.get(libvirt) ?? new Map<string, Checked>();
    checkedBy.set(libvirt, checked);
    const state = stateOf(volume);
    const known = checked.get(vol.key);
    if (known !== undefined && known.state === state) return known.base;
    const base = await lookInto(libvirt, vol, numberOf(volume, "capacity"), call);
    if (state !== undefined) checked.set(vol.key, { state, base });
    return base;
  });
}

/** Undefined where libvirtd does not tell: then the file is looked into each time. */
function stateOf(volume: Element): string | undefined {
  const changed = textOf(volume, "target", "timestamps", "ctime");
  return changed && `${changed} ${textOf(volume, "physical")} ${textOf(volume, "capacity")}`;
}

async function lookInto(
  libvirt: Libvirt,
  vol: StorageVol,
  capacityBytes: number | undefined,
  { signal }: Call,
): Promise<BaseImage> {
  const pieces: Uint8Array[] = [];
  for await (const piece of libvirt.download(vol, { length: BigInt(HEAD_BYTES), signal })) pieces.push(piece);
  const head = Buffer.concat(pieces);
  // Whoever put it there says nothing of its format.
  const found = inspect(head, isQcow2(head) ? "qcow2" : "raw");
  if ("refused" in found) throw imageRefused(vol.key, found.refused);
  if (found.format === "qcow2") return { path: vol.key, ...found };
  return {
    path: vol.key,
    format: "raw",
    ...(capacityBytes === undefined ? {} : { sizeBytes: capacityBytes }),
  };
}
