// The static checks: types, promises, format, the contract's own rules, generated code in step. `pnpm check` runs them alone.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { generate, generatedPaths } from "./generate.mjs";
import { root, run } from "./setup.mjs";

const node = (...args) => run(process.execPath, args);

/** Generates into a scratch folder and compares, so that a check never changes the tree. */
async function generatedCodeIsInStep() {
  const scratch = mkdtempSync(join(tmpdir(), "virtrigaud-gen-"));
  try {
    const code = await generate(scratch);
    if (code !== 0) return code;
    for (const path of generatedPaths) {
      const { status } = spawnSync("diff", ["-r", join(root, path), join(scratch, path)], {
        stdio: ["ignore", "inherit", "inherit"],
      });
      if (status === 0) continue;
      console.log(`${path} differs from its source: run \`pnpm generate\` and commit`);
      return 1;
    }
    return 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

export const checks = [
  { title: "types (tsc)", run: () => node("node_modules/typescript/bin/tsc", "-p", "tsconfig.json") },
  {
    title: "promises (eslint)",
    run: () =>
      node("node_modules/eslint/bin/eslint.js", "--max-warnings=0", "*/src/**/*.ts", "*/*/src/**/*.ts"),
  },
  { title: "format (biome)", run: () => run("node_modules/.bin/biome", ["format", "."]) },
  { title: "contract (buf lint)", run: () => run("node_modules/.bin/buf", ["lint"]) },
  { title: "generated code in step (buf generate)", run: generatedCodeIsInStep },
];

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const check of checks) {
    console.log(`» ${check.title}`);
    if ((await check.run()) !== 0) process.exitCode = 1;
  }
}
