import { fileURLToPath } from "node:url";

import { buildGoProgram, type Log } from "../go/build.ts";
import { run } from "../go/run.ts";

/**
 * Path of grpcurl, a gRPC client in Go that knows a service only by reflection; the variable GRPCURL overrides it.
 * @throws GoProgramUnavailable when it cannot be built here (it needs a Go module proxy).
 */
export async function buildGrpcurl(log: Log): Promise<string> {
  const sources = fileURLToPath(new URL("../../grpcurl/", import.meta.url));
  const mainPackage = "github.com/fullstorydev/grpcurl/cmd/grpcurl";
  return buildGoProgram({ name: "grpcurl", sources, mainPackage, override: "GRPCURL" }, log);
}

/** Runs grpcurl in plaintext and gives its output. @throws Error with grpcurl's message when it fails. */
export async function grpcurl(...args: string[]): Promise<string> {
  const binary = await buildGrpcurl((message) => console.error(message));
  return run(binary, ["-plaintext", ...args], { env: process.env });
}
