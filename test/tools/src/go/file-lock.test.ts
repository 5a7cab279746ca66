import { spawnSync } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { withFileLock } from "./file-lock.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "file-lock-"));
  path = join(directory, "lock");
});
afterEach(() => rm(directory, { recursive: true }));

test("one at a time, and the file is gone afterwards", async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await sleep(20);
    inside--;
  };
  await Promise.all([withFileLock(path, work), withFileLock(path, work), withFileLock(path, work)]);
  expect(most).toBe(1);
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test("gives way after a failure", async () => {
  await expect(withFileLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withFileLock(path, async () => "yes")).toBe("yes");
});

test("takes over from a dead owner", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await writeFile(path, String(pid));
  expect(await withFileLock(path, async () => "mine")).toBe("mine");
});
