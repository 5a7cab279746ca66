import { type ProviderConnection, connectProvider } from "@virtrigaud/kit/client";
import type { Provider } from "./api/provider.ts";
import { type Secret, secretEntries } from "./api/secret.ts";
import type { ThrowAwayPki } from "./children/certificates.ts";
import type { Ref } from "./store/store.ts";
import { UnavailableError } from "./providers/unavailable.ts";

/** Connects to a provider that this process started. */
export function connectChild(address: string, { ca, client }: ThrowAwayPki): Promise<ProviderConnection> {
  const [caPem, cert, key] = [ca, client.certificate, client.key].map((pem) => Buffer.from(pem)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  return connectProvider({ address, tls: { ca: caPem, cert, key } });
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
): Promise<ProviderConnection> {
  const tls = provider.spec.runtime?.service?.tls ?? {};
  if (tls.enabled === false) return connectProvider({ address: endpoint, tls: "insecure" });
  const name = tls.secretRef?.name;
  const entries = secretEntriesOf(
    name === undefined ? undefined : await secretOf({ namespace: provider.metadata.namespace, name }),
  );
  const [ca, cert, key] = ["ca.crt", "tls.crt", "tls.key"].map((file) => entries.get(file));
  if (ca === undefined || cert === undefined || key === undefined) {
    throw new UnavailableError(
      "TlsSecretMissing",
      `Provider ${provider.metadata.name} runs at ${endpoint}, and spec.runtime.service.tls.secretRef names no Secret with ca.crt, tls.crt and tls.key: add one, or set spec.runtime.service.tls.enabled: false for plaintext`,
      true,
    );
  }
  return connectProvider({
    address: endpoint,
    tls: { ca: Buffer.from(ca), cert: Buffer.from(cert), key: Buffer.from(key) },
  });
}

function secretEntriesOf(secret: Secret | undefined): ReadonlyMap<string, Uint8Array> {
  return secret === undefined ? new Map() : secretEntries(secret);
}
