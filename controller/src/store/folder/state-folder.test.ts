import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openStateFolder, stateFolderPath } from "./state-folder.ts";

let root = "";
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "state-test-")));
  for (const folder of ["a/vms", "b/vms"]) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, "a/vms/web.yaml"), "");
});
afterEach(() => rm(root, { recursive: true }));

describe("state folder", () => {
  test.each<[string, string | undefined, Record<string, string>, string]>([
    ["a/vms", undefined, { XDG_STATE_HOME: "/state" }, "/state/virtrigaud/vms"],
    ["a/vms/web.yaml", undefined, { XDG_STATE_HOME: "/state" }, "/state/virtrigaud/vms"],
    ["a/vms", undefined, { XDG_STATE_HOME: "relative" }, join(homedir(), ".local/state/virtrigaud/vms")],
    ["a/vms", "/elsewhere", {}, "/elsewhere"],
  ])("of %s with %s and %j is %s", async (path, explicit, env, expected) => {
    expect(await stateFolderPath([join(root, path)], explicit, env)).toBe(expected);
  });

  test("two folders of one name do not share it", async () => {
    const env = { XDG_STATE_HOME: join(root, "state") };
    await (await openStateFolder([join(root, "a/vms")], undefined, env)).unlock();
    await expect(openStateFolder([join(root, "b/vms")], undefined, env)).rejects.toThrow(
      `belongs to the manifests in ${join(root, "a/vms")}, not to ${join(root, "b/vms")}`,
    );
    const { unlock } = await openStateFolder([join(root, "a/vms/web.yaml")], undefined, env);
    await unlock();
  });

  test("is never inside the manifests' folder", async () => {
    await expect(openStateFolder([join(root, "a")], join(root, "a/state"), {})).rejects.toThrow(
      "choose another with --state DIR",
    );
  });
});
