import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { run } from "../go/run.ts";
import { DebianPackagesMissing, whyMissing } from "./missing.ts";
import { ensureDebianPackages } from "./packages.ts";

const isDebian = await run("dpkg-query", ["--version"]).then(
  () => true,
  () => false,
);
const onDebian = isDebian ? describe : describe.skip;
const environment = { ...process.env };
const patient = 120_000;
let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "packages-"));
  process.env["XDG_CACHE_HOME"] = scratch;
});
afterEach(async () => {
  process.env = { ...environment };
  await rm(scratch, { recursive: true });
});

test("without Debian's programs says what to install", async () => {
  process.env["PATH"] = join(scratch, "empty");
  const ensured = ensureDebianPackages(["one", "two"], () => {});
  await expect(ensured).rejects.toThrow(DebianPackagesMissing);
  expect(await whyMissing(ensured)).toBe(
    "install one two (apt-get install --no-install-recommends one two; this machine has no apt-get)",
  );
});

onDebian("on Debian", () => {
  test("what is installed needs nothing, not even the lock", async () => {
    await ensureDebianPackages(["dpkg", "coreutils"], (message) => {
      throw new Error(message);
    });
  });

  test(
    "names only what is missing, to two callers at once as to one",
    async () => {
      const ensure = () => ensureDebianPackages(["dpkg", "virtrigaud-no-such-package"], () => {});
      const reasons = await Promise.all([whyMissing(ensure()), whyMissing(ensure())]);
      const why =
        process.getuid?.() === 0 ? /Unable to locate package virtrigaud-no-such-package/ : /; needs root\)$/;
      for (const reason of reasons) {
        expect(reason).toMatch(
          /^install virtrigaud-no-such-package \(apt-get install --no-install-recommends /,
        );
        expect(reason).toMatch(why);
      }
    },
    patient,
  );
});
