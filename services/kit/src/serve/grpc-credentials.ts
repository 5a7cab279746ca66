import { join } from "node:path";
import { ServerCredentials, type ServerInterceptor } from "@grpc/grpc-js";
import { ConfigError } from "../config/env.ts";
import type { Transport } from "../config/serve-config.ts";
import { MutualTlsServerCredentials } from "../tls/server-credentials.ts";
import { readTlsFiles, type TlsPaths, watchTlsFiles } from "../tls/tls-files.ts";
import { authorize } from "./authorize.ts";
import type { Logger } from "./logger.ts";

/** How the gRPC server lets callers in. */
export interface Entrance {
  readonly credentials: ServerCredentials;
  readonly interceptors: ServerInterceptor[];
  /** Stops looking for rotated certificates. */
  readonly stop: () => void;
}

/** Makes the server's side of the transport. @throws ConfigError when the TLS files cannot be used. */
export async function openEntrance(transport: Transport, log: Logger): Promise<Entrance> {
  if (transport.kind === "plaintext") {
    log.warn(
      "VIRTRIGAUD_PROVIDER_INSECURE=true: plaintext gRPC, anyone who reaches the port controls every VM",
    );
    return { credentials: ServerCredentials.createInsecure(), interceptors: [], stop: () => undefined };
  }
  const paths = tlsPaths(transport.directory);
  const current = await readTlsFiles(paths).catch((error: Error) => {
    const hint =
      "mount the provider's certificate there, or set VIRTRIGAUD_PROVIDER_INSECURE=true to do without TLS";
    throw new ConfigError([{ variable: "VIRTRIGAUD_TLS_DIR", message: `${error.message}; ${hint}` }]);
  });
  const credentials = new MutualTlsServerCredentials(current);
  const stop = watchTlsFiles({
    paths,
    current,
    intervalMs: transport.reloadMs,
    onChange(material) {
      credentials.replace(material);
      log.info({ directory: transport.directory }, "TLS certificates were rotated");
    },
    onProblem: (message) =>
      log.warn({ error: message }, "TLS files cannot be used; serving with those read before"),
  });
  const { allowedSans } = transport;
  return { credentials, interceptors: allowedSans.length > 0 ? [authorize(allowedSans, log)] : [], stop };
}

function tlsPaths(directory: string): TlsPaths {
  return {
    certFile: join(directory, "tls.crt"),
    keyFile: join(directory, "tls.key"),
    caFile: join(directory, "ca.crt"),
  };
}
