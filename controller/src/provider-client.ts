import { type ConnectOptions, type ProviderConnection, connectProvider } from "@virtrigaud/kit/client";
import type { Provider } from "./api/provider.ts";
import { type Secret, secretEntries } from "./api/secret.ts";
import type { ThrowAwayPki } from "./children/certificates.ts";
import { UnavailableError } from "./providers/unavailable.ts";
import type { Ref } from "./store/store.ts";

/** The two ways to a provider. */
export interface ProviderClient {
  /** For work: calls are repeated, and held back from a provider that fails. */
  readonly calls: ProviderConnection;
  /** For asking whether and why not it serves: every answer is seen as it is. */
  readonly probe: ProviderConnection;
  close(): void;
}

/** Connects to a provider that this process started. */
export function connectChild(address: string, { ca, client }: ThrowAwayPki): Promise<ProviderClient> {
  const pem = (text: string) => Buffer.from(text);
  return connect({ address, tls: { ca: pem(ca), cert: pem(client.certificate), key: pem(client.key) } });
}

/**
 * Connects to a provider that somebody else runs at spec.runtime.endpoint: with the certificates of the Secret that
 * spec.runtime.service.tls.secretRef names, or in plaintext when tls.enabled is false.
 * @throws UnavailableError when there are no certificates and plaintext was not asked for
 */
export async function connectEndpoint(
  endpoint: string,
  provider: Provider,
  secretOf: (ref: Ref) => Promise<Secret | undefined>,
): Promise<ProviderClient> {
  const tls = provider.spec.runtime?.service?.tls ?? {};
  if (tls.enabled === false) return connect({ address: endpoint, tls: "insecure" });
  const { namespace } = provider.metadata;
  const name = tls.secretRef?.name;
  const secret = name === undefined ? undefined : await secretOf({ namespace, name });
  const entries = secret === undefined ? new Map<string, Uint8Array>() : secretEntries(secret);
  const [ca, cert, key] = [entries.get("ca.crt"), entries.get("tls.crt"), entries.get("tls.key")];
  if (ca === undefined || cert === undefined || key === undefined) {
    throw new UnavailableError(
      "TlsSecretMissing",
      `Provider ${provider.metadata.name} runs at ${endpoint}, and spec.runtime.service.tls.secretRef names no Secret with ca.crt, tls.crt and tls.key: add one, or set spec.runtime.service.tls.enabled: false for plaintext`,
      true,
    );
  }
  return connect({
    address: endpoint,
    tls: { ca: Buffer.from(ca), cert: Buffer.from(cert), key: Buffer.from(key) },
  });
}

async function connect(options: Pick<ConnectOptions, "address" | "tls">): Promise<ProviderClient> {
  const calls = await connectProvider(options);
  const probe = await connectProvider({ ...options, channels: 1, retries: 0, breaker: false });
  return {
    calls,
    probe,
    close: () => {
      calls.close();
      probe.close();
    },
  };
}
