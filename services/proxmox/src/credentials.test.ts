import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readCredentials } from "./credentials.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "credentials-"));
});
afterEach(() => rm(directory, { recursive: true }));

type Files = Readonly<Record<string, string>>;
async function write(files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}

const token = { token_id: "root@pam!lab\n", token_secret: "6f1c\n" };
const user = { username: "root@pam\n", password: " s p \n" };

describe("credentials are", () => {
  test.each<[string, Files, object]>([
    ["a token", token, { kind: "token", id: "root@pam!lab", secret: "6f1c" }],
    ["a user's password", user, { kind: "password", username: "root@pam", password: "s p" }],
    [
      "the token when there are both",
      { ...token, ...user },
      { kind: "token", id: "root@pam!lab", secret: "6f1c" },
    ],
  ])("%s", async (_, files, expected) => {
    await write(files);
    expect(await readCredentials(directory)).toEqual(expected);
  });
});

describe("credentials that lack something are an error that names the file:", () => {
  test.each<[string, Files, string, string]>([
    ["everything", {}, "username", "does not exist"],
    ["a token's secret", { token_id: "root@pam!lab" }, "token_secret", "does not exist"],
    ["what a token is", { ...token, token_secret: "\n" }, "token_secret", "is empty"],
    ["a token's name", { ...token, token_id: "root@pam" }, "token_id", "is not like user@realm!name"],
    [
      "a token's own secret",
      { ...token, token_id: "root@pam!lab=6f1c@" },
      "token_id",
      "is not like user@realm!name",
    ],
    ["a password", { username: "root@pam" }, "password", "does not exist"],
    ["a realm", { ...user, username: "root" }, "username", "has no realm: write root@pam"],
  ])("%s", async (_, files, name, what) => {
    await write(files);
    await expect(readCredentials(directory)).rejects.toMatchObject({
      reason: "HYPERVISOR_CREDENTIALS",
      message: `${join(directory, name)} ${what}; the credentials secret needs the keys token_id and token_secret, or username and password`,
    });
  });

  test("what can be read", async () => {
    await mkdir(join(directory, "token_id"));
    await expect(readCredentials(directory)).rejects.toThrow(
      `${join(directory, "token_id")} cannot be read (EISDIR); `,
    );
  });
});
