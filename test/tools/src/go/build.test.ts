import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { buildGoProgram, GoProgramUnavailable, whyUnavailable } from "./build.ts";
import { run } from "./run.ts";

// Go's own cache follows XDG_CACHE_HOME; without this every test would compile the standard library anew.
const goCache = (await run("go", ["env", "GOCACHE"]).catch(() => "")).trim();
const withGo = goCache === "" ? test.skip : test;
const patient = 60_000;

const environment = { ...process.env, GOCACHE: goCache };
let directory: string;
let program: { name: string; sources: string; override: string };
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "go-build-"));
  program = { name: "hello", sources: directory, override: "HELLO_BINARY" };
  process.env = { ...environment, XDG_CACHE_HOME: join(directory, "cache") };
  await writeFile(join(directory, "go.mod"), "module hello\n\ngo 1.19\n");
  await writeFile(join(directory, "main.go"), 'package main\n\nfunc main() { println("hello") }\n');
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

withGo(
  "builds once for several callers, and again when a source changes",
  async () => {
    const messages: string[] = [];
    const build = () => buildGoProgram(program, (message) => messages.push(message));
    const [first, second] = await Promise.all([build(), build()]);
    expect(second).toBe(first);
    expect(first).toMatch(/\/cache\/virtrigaud\/hello-[0-9a-f]{12}\/hello$/);
    expect(await run(first, [])).toBe("");
    expect(await build()).toBe(first);
    expect(messages).toEqual(["building hello (Go modules); this is done once"]);
    await writeFile(join(directory, "main.go"), "package main\n\nfunc main() {}\n");
    expect(await build()).not.toBe(first);
  },
  patient,
);

test("takes the binary that the environment names", async () => {
  process.env["HELLO_BINARY"] = "/opt/hello";
  expect(await buildGoProgram(program, () => {})).toBe("/opt/hello");
});

test("without Go and root's apt-get says what to install", async () => {
  process.env["PATH"] = join(directory, "empty");
  const build = buildGoProgram({ ...program, debianTag: "old" }, () => {});
  await expect(build).rejects.toThrow(GoProgramUnavailable);
  expect(await whyUnavailable(build)).toMatch(
    /^cannot build hello; set HELLO_BINARY to a binary, or mend one of: Go modules: there is no go on PATH; install Go 1\.25 or newer; Debian packages: install golang-go .*\(apt-get install/,
  );
});

withGo(
  "quotes the compiler when the sources are wrong",
  async () => {
    await writeFile(join(directory, "main.go"), "package main\n\nfunc main() { nonsense() }\n");
    await expect(buildGoProgram(program, () => {})).rejects.toThrow("undefined: nonsense");
  },
  patient,
);
