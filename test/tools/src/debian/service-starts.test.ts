import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { withoutServiceStarts } from "./service-starts.ts";

let directory: string;
let policy: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "service-starts-"));
  policy = join(directory, "policy-rc.d");
});
afterEach(() => rm(directory, { recursive: true }));

const asked = () => spawnSync(policy, ["libvirtd", "start"]).status;

test("denies while the work lasts, and is gone afterwards", async () => {
  expect(await withoutServiceStarts(async () => asked(), policy)).toBe(101);
  expect(await readdir(directory)).toEqual([]);
  await expect(withoutServiceStarts(() => Promise.reject(new Error("no")), policy)).rejects.toThrow("no");
  expect(await readdir(directory)).toEqual([]);
});

test("what a killed process left behind allows, and removes itself", async () => {
  const text = await withoutServiceStarts(() => readFile(policy, "utf8"), policy);
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await writeFile(policy, text.replaceAll(String(process.pid), String(pid)), { mode: 0o755 });
  expect(asked()).toBe(0);
  expect(await readdir(directory)).toEqual([]);
});

test("leaves the machine's own policy alone", async () => {
  await writeFile(policy, "#!/bin/sh\nexit 104\n", { mode: 0o755 });
  expect(await withoutServiceStarts(async () => asked(), policy)).toBe(104);
  expect(asked()).toBe(104);
});
