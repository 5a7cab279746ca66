// `npm test`: set-up, the static checks, every test. Ends with one line, `N passed, N failed[, N skipped]`.
// In CI a skipped test is a failure: a machine that lacks something must say so, not pass.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checks } from "./check.mjs";
import { run, setUp, setUpTool } from "./setup.mjs";

const inCi = process.env.CI === "true";

async function runJest() {
  const scratch = mkdtempSync(join(tmpdir(), "virtrigaud-test-"));
  const report = join(scratch, "jest.json");
  try {
    const code = await run(
      process.execPath,
      ["node_modules/jest/bin/jest.js", "--json", `--outputFile=${report}`, ...process.argv.slice(2)],
      { env: { NODE_OPTIONS: "--experimental-vm-modules --no-warnings" } },
    );
    return { code, ...JSON.parse(readFileSync(report, "utf8")) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function main() {
  await setUp();
  for (const tool of ["vcsim", "libvirt"]) {
    const missing = setUpTool(tool);
    if (missing !== undefined) console.log(`» ${missing}; the tests that need it will be skipped`);
  }

  const failedChecks = [];
  for (const check of checks) {
    console.log(`» ${check.title} …`);
    if ((await check.run()) !== 0) failedChecks.push(check.title);
  }

  console.log("» tests …");
  const jest = await runJest();
  const skipped = jest.numPendingTests + jest.numTodoTests;
  // A suite that does not even load counts as one failure; so does a jest that fails without saying why.
  let failed = failedChecks.length + jest.numFailedTests + jest.numRuntimeErrorTestSuites;
  if (failed === 0 && jest.code !== 0) failed = 1;
  if (jest.numPassedTests === 0) failed += 1;

  for (const title of failedChecks) console.log(`FAILED: ${title}`);
  if (inCi && skipped > 0) {
    console.log(`FAILED: ${skipped} tests were skipped, which CI does not allow`);
    failed += 1;
  }
  const passed = jest.numPassedTests + checks.length - failedChecks.length;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
  },
);
