import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { lockFolder } from "./lock.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, "lock");

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("lock of a state folder", () => {
  test("keeps others out, names the holder, and leaves nothing behind", async () => {
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(
      `state folder ${folder} is in use by another vrtg, process ${process.pid}: stop that one first, or give this one its own with --state DIR`,
    );
    await unlock();
    expect(await readdir(folder)).toEqual([]);
  });

  test("is taken over from a process that is gone", async () => {
    await writeFile(path(), JSON.stringify({ pid: await deadPid() }));
    const unlock = await lockFolder(folder);
    expect(JSON.parse(await readFile(path(), "utf8"))).toMatchObject({ pid: process.pid });
    await unlock();
  });

  test("is taken over when another process has the holder's pid by now", async () => {
    await writeFile(path(), JSON.stringify({ pid: process.pid, startedAt: "1" }));
    await (await lockFolder(folder))();
  });

  test("goes to exactly one of many that ask at once, over a stale one", async () => {
    for (let round = 0; round < 20; round += 1) {
      await writeFile(path(), JSON.stringify({ pid: await deadPid() }));
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      await rm(path());
    }
    expect(await readdir(folder)).toEqual([]);
  });
});
