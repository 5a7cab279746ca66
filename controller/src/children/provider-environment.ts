import type { Provider } from "../api/provider.ts";
import { CLIENT_NAME } from "./certificates.ts";

/** Where a child finds its files. */
export interface ProviderPaths {
  readonly tls: string;
  readonly credentials: string;
  readonly config: string;
}

/** Variables of a provider's child process. Credentials are in files that they name, never in a value. */
export function providerEnvironment(
  { metadata, spec }: Provider,
  paths: ProviderPaths,
  controllerId: string,
): Record<string, string> {
  return {
    PROVIDER_TYPE: spec.type,
    PROVIDER_ENDPOINT: spec.endpoint,
    PROVIDER_NAMESPACE: metadata.namespace,
    PROVIDER_NAME: metadata.name,
    PROVIDER_LISTEN_ADDRESS: "127.0.0.1:0",
    PROVIDER_HEALTH_ADDRESS: "127.0.0.1:0",
    PROVIDER_CONFIG_FILE: paths.config,
    TLS_INSECURE_SKIP_VERIFY: String(spec.insecureSkipVerify ?? false),
    VIRTRIGAUD_TLS_DIR: paths.tls,
    VIRTRIGAUD_CREDENTIALS_DIR: paths.credentials,
    VIRTRIGAUD_PROVIDER_ALLOWED_SANS: CLIENT_NAME,
    VIRTRIGAUD_CONTROLLER_ID: controllerId,
    VIRTRIGAUD_EXIT_WITH_STDIN: "true",
    LOG_FORMAT: "json",
  };
}
