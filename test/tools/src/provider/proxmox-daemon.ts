import { type DaemonOptions, type ProviderDaemon, startProviderDaemon } from "./provider-daemon.ts";

/** Where a Proxmox VE is and how to get in; the simulator's own words for it. */
export interface ProxmoxAccess {
  url: string;
  /** SHA-256 of its certificate. */
  fingerprint: string;
  token: { id: string; secret: string };
}

/** Starts the compiled Proxmox VE provider. Rejects when it ends before it serves. */
export function startProxmoxProvider(
  { url, fingerprint, token }: ProxmoxAccess,
  options: DaemonOptions = {},
): Promise<ProviderDaemon> {
  const script = "services/proxmox/bin/virtrigaud-provider-proxmox.js";
  const credentials = { token_id: token.id, token_secret: token.secret };
  const configuration = () => ({ fingerprint });
  return startProviderDaemon({ script, endpoint: url, credentials, configuration }, options);
}
