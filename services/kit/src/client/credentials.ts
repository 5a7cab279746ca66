import { isIP } from "node:net";
import { ChannelCredentials, type ClientOptions } from "@grpc/grpc-js";
import { MutualTlsChannelCredentials } from "../tls/channel-credentials.ts";
import { readTlsFiles, type TlsPaths, watchTlsFiles } from "../tls/tls-files.ts";

/** Certificates in files, read again when they are rotated. */
export interface ClientTlsFiles extends TlsPaths {
  /** Name that the provider's certificate must carry; without it the host of the address. */
  readonly serverName?: string;
  /** How often the files are looked at, in milliseconds; 10,000 without it. */
  readonly reloadMs?: number;
}

/** Certificates in memory, PEM. */
export interface ClientTlsBuffers {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  /** As in {@link ClientTlsFiles}. */
  readonly serverName?: string;
}

/** How to reach a provider; "insecure" is plaintext, for one that was started so. */
export type ClientTls = ClientTlsFiles | ClientTlsBuffers | "insecure";

/** The client's side of the transport. */
export interface Exit {
  readonly credentials: ChannelCredentials;
  /** What the channels need to be told of it. */
  readonly channelOptions: Partial<ClientOptions>;
  /** Stops looking for rotated certificates. */
  readonly stop: () => void;
}

/**
 * Makes the client's credentials, mutual TLS 1.3. Rotated files are used by connections made after that.
 * @throws Error that names the file and what is wrong with it.
 */
export async function openExit(address: string, tls: ClientTls): Promise<Exit> {
  if (tls === "insecure") {
    return { credentials: ChannelCredentials.createInsecure(), channelOptions: {}, stop: () => undefined };
  }
  const { sentName, expectedName } = serverNames(address, tls.serverName);
  const channelOptions = sentName === undefined ? {} : { "grpc.ssl_target_name_override": sentName };
  if ("ca" in tls) {
    const { ca, cert, key } = tls;
    const credentials = new MutualTlsChannelCredentials({ ca, cert, key }, expectedName);
    return { credentials, channelOptions, stop: () => undefined };
  }
  const current = await readTlsFiles(tls);
  const credentials = new MutualTlsChannelCredentials(current, expectedName);
  const stop = watchTlsFiles({
    paths: tls,
    current,
    intervalMs: tls.reloadMs ?? 10_000,
    onChange: (material) => credentials.replace(material),
    // Connections go on with what was read before, and a failing handshake will name the certificate at fault.
    onProblem: () => undefined,
  });
  return { credentials, channelOptions, stop };
}

/** RFC 6066 forbids IP addresses as server names, and Node warns of them: another is sent then, and the IP still checked. */
function serverNames(
  address: string,
  serverName: string | undefined,
): { sentName?: string; expectedName?: string } {
  if (serverName !== undefined) return { sentName: serverName };
  const host = address
    .replace(/^.*\/|^ipv[46]:/, "")
    .replace(/:[0-9]+$/, "")
    .replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? {} : { sentName: "localhost", expectedName: host };
}
