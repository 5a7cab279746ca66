// `pnpm generate`: everything that is made from the .proto files and from the outcome table. The result is committed; CI makes it anew and
// compares. Needs compiled code (`pnpm build`).
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, run } from "./setup.mjs";

/** What is generated, relative to the repository. */
export const generatedPaths = ["proto/src/gen", "proto/descriptors", "docs/outcomes.md"];

const googleProtos = "node_modules/google-proto-files";

/** Generates below `target`; answers the exit code. */
export async function generate(target) {
  const buf = (...args) => run("node_modules/.bin/buf", args);
  const descriptors = (input, name, ...args) =>
    buf(
      "build",
      input,
      ...args,
      "--exclude-source-info",
      "-o",
      join(target, "proto/descriptors", `${name}.binpb`),
    );
  const { outcomeDocument } = await import("../services/kit/dist/outcomes/index.js");
  for (const folder of ["proto/descriptors", "docs"]) mkdirSync(join(target, folder), { recursive: true });
  writeFileSync(join(target, "docs/outcomes.md"), outcomeDocument());
  return (
    (await buf("generate", "--output", target)) ||
    (await descriptors("proto", "provider")) ||
    (await descriptors(
      googleProtos,
      "error-details",
      "--path",
      `${googleProtos}/google/rpc/error_details.proto`,
    ))
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await generate(root);
