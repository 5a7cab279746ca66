import { readFile, stat } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { writeSeed } from "@virtrigaud/kit/nocloud";
import { connectLibvirt, type Libvirt } from "../client/index.ts";
import { readPools } from "../pools.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { uploadSeed } from "./upload-seed.ts";

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? describe : describe.skip)(`a seed in a real libvirtd's pool ${reason ?? ""}`, () => {
  let libvirt: Libvirt;
  beforeAll(async () => {
    libvirt = await connectLibvirt({ uri: daemon().uri });
  });
  afterAll(() => libvirt.close());

  const name = "6ba7b810-9dad-11d1-80b4-00c04fd430c8-seed.iso";
  const upload = (text: string, signal = new AbortController().signal) => {
    const files = { "meta-data": "m", "user-data": text };
    const seed = { pool: "default", name, path: `${daemon().pool}/${name}`, files };
    const pools = () => readPools(libvirt, { signal });
    return uploadSeed({ libvirt, pools }, seed, { signal });
  };
  const onDisk = () => readFile(`${daemon().pool}/${name}`);
  const written = (text: string) => Buffer.from(writeSeed({ "meta-data": "m", "user-data": text }));

  test("is for nobody else's eyes, and replaced by the next, shorter or longer", async () => {
    await upload("s".repeat(10_000));
    expect((await stat(`${daemon().pool}/${name}`)).mode & 0o777).toBe(0o600);
    for (const text of ["short", "l".repeat(3_000_000)]) {
      await upload(text);
      expect((await onDisk()).equals(written(text))).toBe(true);
    }
  });

  test("ends with the caller's signal, and is complete after the next attempt", async () => {
    const reason = new Error("enough");
    await expect(upload("x", AbortSignal.abort(reason))).rejects.toBe(reason);
    await upload("y");
    expect((await onDisk()).equals(written("y"))).toBe(true);
  });
});
