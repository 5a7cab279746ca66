// `npm start`: from a bare machine to nested-capable VMs, declared in YAML, on an embedded simulated vCenter and on a private libvirtd.
// What this machine cannot have is said and left out. `npm start -- --keep` stays up and watches the sample until Ctrl-C.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, SetupError, setUp, setUpTool } from "./setup.mjs";

const sample = "deploy/samples/nested";
const shared = ["class.yaml", "image.yaml"];
/** What of the sample needs which tool. */
const parts = [
  { tool: "vcsim", files: ["provider.yaml", "vm.yaml"] },
  { tool: "libvirt", files: ["libvirt.yaml"] },
];
const toolless = ["proxmox.yaml"];

const keep = process.argv.includes("--keep");
const unknown = process.argv.slice(2).filter((argument) => argument !== "--keep");

/** The files of the sample whose tools this machine has. */
function choose() {
  const chosen = parts.filter(({ tool }) => {
    const missing = setUpTool(tool);
    if (missing !== undefined) console.log(`» ${missing}; going on without it`);
    return missing === undefined;
  });
  if (chosen.length === 0) throw new SetupError("nothing of the sample can be had here");
  return [...shared, ...chosen.flatMap(({ files }) => files), ...toolless].map((file) => join(sample, file));
}

async function main() {
  if (unknown.length > 0)
    throw new SetupError(`unknown option ${unknown[0]}; npm start takes --keep and nothing else`);
  await setUp();
  const files = choose();

  // A fresh state each time: what stands in for the hypervisors forgets its VMs, so must we.
  const state = mkdtempSync(join(tmpdir(), "virtrigaud-start-"));
  try {
    const ending = keep ? [] : ["--once", "--timeout", "5m"];
    console.log(
      `\n» vrtg up ${files.map((file) => `-f ${file}`).join(" ")} --simulate ${ending.join(" ")}\n`,
    );
    return await run(process.execPath, [
      "controller/bin/vrtg.js",
      "up",
      ...files.flatMap((file) => ["-f", file]),
      "--simulate",
      "--state",
      state,
      ...ending,
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
