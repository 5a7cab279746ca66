// `npm start`: from a bare machine to a nested-capable VM, declared in YAML, on an embedded simulated vCenter.
// `npm start -- --keep` stays up and watches the sample folder until Ctrl-C.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, SetupError, setUp, setUpTool } from "./setup.mjs";

const sample = "deploy/samples/nested";
const keep = process.argv.includes("--keep");
const unknown = process.argv.slice(2).filter((argument) => argument !== "--keep");

async function main() {
  if (unknown.length > 0)
    throw new SetupError(`unknown option ${unknown[0]}; npm start takes --keep and nothing else`);
  await setUp();
  const missing = setUpTool("vcsim");
  if (missing !== undefined) throw new SetupError(missing);

  // A fresh state each time: the simulated vCenter forgets its VMs, so must we.
  const state = mkdtempSync(join(tmpdir(), "virtrigaud-start-"));
  try {
    console.log(`\n» vrtg up -f ${sample} --simulate${keep ? "" : " --once"}\n`);
    return await run(process.execPath, [
      "controller/bin/vrtg.js",
      "up",
      "-f",
      sample,
      "--simulate",
      "--state",
      state,
      ...(keep ? [] : ["--once", "--timeout", "5m"]),
    ]);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error instanceof SetupError ? `\nerror: ${error.message}` : error);
    process.exitCode = 1;
  },
);
