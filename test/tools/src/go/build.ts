import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { installDebianGovmomi } from "./debian.ts";
import { withFileLock } from "./file-lock.ts";
import { run } from "./run.ts";

/** A Go program of this package, built on first use and kept in a cache of the machine. */
export interface GoProgram {
  readonly name: string;
  /** Directory with its go.mod. */
  readonly sources: string;
  /** Import path of a main package that the module requires; its own main without it. */
  readonly mainPackage?: string;
  /** Environment variable with the path of a binary to use instead of building one. */
  readonly override: string;
  /** Build tag of the variant that Debian's packaged govmomi compiles, for machines without a Go module proxy. */
  readonly debianTag?: string;
}

export type Log = (message: string) => void;

/** No binary can be had on this machine; the message says why and what to install or set. Tests skip with it. */
export class GoProgramUnavailable extends Error {
  override readonly name = "GoProgramUnavailable";
}

/** Why a program cannot be had here, for tests to skip with; undefined when it can. Other errors pass through. */
export async function whyUnavailable(build: Promise<unknown>): Promise<string | undefined> {
  try {
    await build;
    return undefined;
  } catch (error) {
    if (error instanceof GoProgramUnavailable) return error.message;
    throw error;
  }
}

interface Recipe {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly prepare?: (log: Log) => Promise<void>;
}

/**
 * Path of the program's binary; builds it when the cache has none for these sources and this toolchain (10 to 120 s).
 * @throws GoProgramUnavailable when no way of building it works here.
 */
export async function buildGoProgram(program: GoProgram, log: Log): Promise<string> {
  const override = process.env[program.override];
  if (override) return override;
  const recipes = recipesOf(program);
  for (const recipe of recipes) {
    const path = await cachePath(program, recipe);
    if (path && (await exists(path))) return path;
  }
  const failures: string[] = [];
  for (const recipe of recipes) {
    try {
      return await build(program, recipe, log);
    } catch (error) {
      failures.push(`${recipe.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new GoProgramUnavailable(
    `cannot build ${program.name}; set ${program.override} to a binary, or mend one of: ${failures.join("; ")}`,
  );
}

function recipesOf(program: GoProgram): Recipe[] {
  const modules: Recipe = { name: "Go modules", args: [], env: { GO111MODULE: "on" } };
  if (program.debianTag === undefined) return [modules];
  const debian: Recipe = {
    name: "Debian packages",
    args: ["-tags", program.debianTag],
    env: { GO111MODULE: "off", GOPATH: "/usr/share/gocode" },
    prepare: installDebianGovmomi,
  };
  return [modules, debian];
}

async function build(program: GoProgram, recipe: Recipe, log: Log): Promise<string> {
  await recipe.prepare?.(log);
  const path = await cachePath(program, recipe);
  if (!path) throw new Error("there is no go on PATH; install Go 1.25 or newer");
  const target = dirname(path);
  await mkdir(dirname(target), { recursive: true });
  return withFileLock(`${target}.lock`, async () => {
    if (await exists(path)) return path;
    log(`building ${program.name} (${recipe.name}); this is done once`);
    const scratch = await mkdtemp(`${target}.`);
    try {
      const args = [
        "build",
        "-buildvcs=false",
        "-trimpath",
        ...recipe.args,
        "-o",
        join(scratch, program.name),
        program.mainPackage ?? ".",
      ];
      await run("go", args, {
        cwd: program.sources,
        env: { ...process.env, CGO_ENABLED: "0", ...recipe.env },
      });
      await rename(scratch, target);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return path;
  });
}

/** Where this build of the program belongs; undefined without a Go toolchain. */
async function cachePath(program: GoProgram, recipe: Recipe): Promise<string | undefined> {
  const version = await run("go", ["version"]).catch(() => undefined);
  if (version === undefined) return undefined;
  const hash = createHash("sha256").update(`${version}\0${recipe.name}\0`);
  const files = (await readdir(program.sources)).filter((name) => /\.go$|^go\.(mod|sum)$/.test(name));
  for (const file of files.sort()) {
    hash.update(`${file}\0`).update(await readFile(join(program.sources, file)));
  }
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "virtrigaud", `${program.name}-${hash.digest("hex").slice(0, 12)}`, program.name);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
