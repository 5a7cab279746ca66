import { randomFillSync } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Libvirt, StorageVol } from "@virtrigaud/provider-libvirt/client";
import { connectTo, startLibvirtd } from "../libvirt/host.ts";
import { virsh } from "../libvirt/virsh.ts";
import type { Measurement } from "../measurement.ts";
import { repeatPair } from "../repeat.ts";
import type { Scope } from "../scope.ts";
import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";

const id = "libvirt.upload.ratio_vs_virsh";
const mib = 1024 ** 2;
const sizeMib = 256;

/** How fast our client writes a file into a volume beside `virsh vol-upload`, in turn. */
export const uploadRatio: Measurement = {
  rows: [{ id, unit: "x", target: { at: "least", bound: 0.8 } }],
  async measure(bench) {
    const libvirtd = await startLibvirtd(bench.scope);
    const libvirt = await connectTo(bench.scope, libvirtd);
    const file = await randomFile(bench.scope);
    const ours = () =>
      uploadOnce(libvirt, (vol) => libvirt.upload(vol, createReadStream(file, { highWaterMark: mib })));
    const theirs = () =>
      uploadOnce(libvirt, ({ key }) => virsh(libvirtd.uri, "vol-upload", "--vol", key, "--file", file));
    // The file is read from memory from now on.
    await ours();
    const pairs = await repeatPair(bench, ours, theirs);
    const rate = (side: 0 | 1) => formatNumber(Math.round(median(pairs.map((pair) => pair[side]))));
    return {
      [id]: {
        value: median(pairs.map(([one, other]) => one / other)),
        n: bench.runs,
        comparison: `${rate(0)} MiB/s beside ${rate(1)} of virsh vol-upload`,
        note: `${sizeMib} MiB a run`,
      },
    };
  },
};

/** Uploads into a volume that is new, and deletes it. Answers MiB per second. */
async function uploadOnce(libvirt: Libvirt, upload: (vol: StorageVol) => Promise<unknown>): Promise<number> {
  const { pool } = await libvirt.call("storagePoolLookupByName", { name: "default" });
  const xml = `<volume><name>uploaded.img</name><capacity unit="MiB">${sizeMib}</capacity></volume>`;
  const { vol } = await libvirt.call("storageVolCreateXml", { pool, xml });
  const started = performance.now();
  await upload(vol);
  const seconds = (performance.now() - started) / 1_000;
  const { allocation } = await libvirt.call("storageVolGetInfo", { vol });
  if (allocation < sizeMib * mib) throw new Error(`${allocation} bytes arrived of ${sizeMib} MiB`);
  await libvirt.call("storageVolDelete", { vol });
  return sizeMib / seconds;
}

/** A file without holes. */
async function randomFile(scope: Scope): Promise<string> {
  const { directory } = await scope.own(
    async () => ({ directory: await mkdtemp(join(tmpdir(), "virtrigaud-bench-")) }),
    (one) => rm(one.directory, { recursive: true }),
  );
  const path = join(directory, "image");
  const file = await open(path, "w");
  const piece = randomFillSync(Buffer.alloc(mib));
  for (let written = 0; written < sizeMib; written += 1) await file.write(piece);
  await file.close();
  return path;
}
