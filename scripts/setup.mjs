// Brings a fresh machine with only Node and npm to where everything builds: pnpm, packages, compiled code, simulators.
// Plain Node without dependencies, because it runs before there are any. Every step is skipped when its result is there.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "virtrigaud");

const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const pnpmVersion = packageJson.packageManager.split("@")[1];
const pnpmHome = join(cache, `pnpm-${pnpmVersion}`);

/** What the workspace's own commands (vrtg, the providers, the simulators) are found by. */
export const commandPath = [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);

/** Runs a command with its output shown; resolves with the exit code, 128+n after a signal. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      ...options,
      env: { ...process.env, PATH: commandPath, ...options.env },
    });
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", forward).off("SIGTERM", forward);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

/** Runs pnpm of exactly the pinned version. */
export const pnpm = (...args) =>
  run(process.execPath, [join(pnpmHome, "node_modules", "pnpm", "bin", "pnpm.cjs"), ...args]);

async function step(title, needed, work) {
  if (!needed) return;
  const started = Date.now();
  console.log(`» ${title} …`);
  const code = await work();
  if (code !== 0) throw new SetupError(`${title} failed with exit code ${code}; its output is above`);
  console.log(`» ${title}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

export class SetupError extends Error {}

const lockStamp = join(root, "node_modules", ".virtrigaud-lock");
const lockDigest = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .update(process.version)
    .digest("hex");
const packagesAreCurrent = () => existsSync(lockStamp) && readFileSync(lockStamp, "utf8") === lockDigest();

/** pnpm, packages, compiled code. */
export async function setUp() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new SetupError(`Node ${process.version} is too old; install Node 20.20 or newer`);
  await step(`installing pnpm ${pnpmVersion}`, !existsSync(join(pnpmHome, "node_modules", "pnpm")), () => {
    mkdirSync(pnpmHome, { recursive: true });
    return run("npm", [
      "install",
      "--prefix",
      pnpmHome,
      "--no-audit",
      "--no-fund",
      "--silent",
      `pnpm@${pnpmVersion}`,
    ]);
  });
  await step("installing packages", !packagesAreCurrent(), async () => {
    const code = await pnpm("install", "--frozen-lockfile", "--reporter=append-only");
    if (code === 0) writeFileSync(lockStamp, lockDigest());
    return code;
  });
  await step("compiling", true, () =>
    run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "tsconfig.build.json"]),
  );
}

/** Tools that are built or installed once per machine, by the command of test/tools that does it. */
const tools = {
  vcsim: { command: "virtrigaud-vcsim", title: "simulated vCenter", cost: "about two minutes" },
  libvirt: {
    command: "virtrigaud-libvirtd",
    title: "private libvirt and guest images",
    cost: "about a minute",
  },
};

/** Makes a tool ready; answers why it cannot be had, or undefined. */
export function setUpTool(name) {
  const { command, title, cost } = tools[name];
  console.log(`» ${title} (once per machine, ${cost} the first time) …`);
  const built = spawnSync(process.execPath, [`test/tools/bin/${command}.js`, "--build"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (built.status !== 0) return `${title} cannot be had here; the lines above say what to install`;
  for (const path of built.stdout.trim().split("\n")) console.log(`» ${title}: ${path}`);
  return undefined;
}
