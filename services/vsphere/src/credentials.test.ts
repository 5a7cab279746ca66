import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readCredentials } from "./credentials.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "credentials-"));
});
afterEach(() => rm(directory, { recursive: true }));
const write = (name: string, text: string) => writeFile(join(directory, name), text);

test("are read without the line's end", async () => {
  await write("username", "root\n");
  await write("password", " s p \n");
  expect(await readCredentials(directory)).toEqual({ username: "root", password: "s p" });
});

test.each<[string, string | undefined]>([
  ["cannot be read (ENOENT)", undefined],
  ["is empty", "\n"],
])("whose password %s are an error that names the file", async (what, password) => {
  await write("username", "root");
  if (password !== undefined) await write("password", password);
  await expect(readCredentials(directory)).rejects.toMatchObject({
    reason: "HYPERVISOR_CREDENTIALS",
    message: `${join(directory, "password")} ${what}; the credentials secret needs the keys username and password`,
  });
});
