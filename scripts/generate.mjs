// `pnpm generate`: everything that is made from the .proto files. The result is committed; CI makes it anew and compares.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, run } from "./setup.mjs";

/** What is generated, relative to the repository. */
export const generatedFolders = ["proto/src/gen", "proto/descriptors"];

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
  mkdirSync(join(target, "proto/descriptors"), { recursive: true });
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
