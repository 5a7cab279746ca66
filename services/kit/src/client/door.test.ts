import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

/** Every package that a source file needs at run time, through whatever it imports. */
function packagesOf(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return new Set();
  seen.add(file.href);
  const imports = readFileSync(file, "utf8").matchAll(
    /^(?:import|export)(?! type)[^;]*? from "([^"]+)"|^import "([^"]+)"/gm,
  );
  const found = [...imports].map((match) => match[1] ?? match[2] ?? "");
  const nested = found
    .filter((name) => name.startsWith("."))
    .flatMap((name) => [...packagesOf(new URL(name, file), seen)]);
  return new Set([...found.filter((name) => !name.startsWith(".") && !name.startsWith("node:")), ...nested]);
}

test("the client's door brings nothing of a daemon along", () => {
  expect(packagesOf(new URL("index.ts", import.meta.url))).toEqual(
    new Set([
      "@grpc/grpc-js",
      "@virtrigaud/proto",
      "@virtrigaud/proto/google",
      "cockatiel",
      "grpc-health-check",
    ]),
  );
  expect([...packagesOf(new URL("../index.ts", import.meta.url))]).toContain("pino");
});
