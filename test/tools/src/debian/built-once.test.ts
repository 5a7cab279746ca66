import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { builtOnce } from "./built-once.ts";

const environment = { ...process.env };
let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "built-once-"));
  process.env["XDG_CACHE_HOME"] = cache;
});
afterEach(async () => {
  process.env = { ...environment };
  await rm(cache, { recursive: true });
});

test("is built once for several callers, then found", async () => {
  let builds = 0;
  const build = async (scratch: string) => writeFile(join(scratch, "file"), String(++builds));
  const paths = await Promise.all([1, 2, 3].map(() => builtOnce("thing", build)));
  expect(paths).toEqual(Array(3).fill(join(cache, "virtrigaud/thing")));
  expect(await builtOnce("thing", build)).toBe(paths[0]);
  expect(await readFile(join(cache, "virtrigaud/thing/file"), "utf8")).toBe("1");
});

test("a failure leaves nothing, and the next caller tries again", async () => {
  const fail = async (scratch: string) => {
    await writeFile(join(scratch, "half"), "");
    throw new Error("no");
  };
  await expect(builtOnce("thing", fail)).rejects.toThrow("no");
  expect(await readdir(join(cache, "virtrigaud"))).toEqual([]);
  await builtOnce("thing", async () => {});
  expect(await readdir(join(cache, "virtrigaud"))).toEqual(["thing"]);
});
