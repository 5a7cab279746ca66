import { type DaemonOptions, type ProviderDaemon, startProviderDaemon } from "./provider-daemon.ts";

/** Starts the compiled libvirt provider for a libvirtd that needs no credentials. Rejects when it ends before it serves. */
export function startLibvirtProvider(uri: string, options: DaemonOptions = {}): Promise<ProviderDaemon> {
  const script = "services/libvirt/bin/virtrigaud-provider-libvirt.js";
  return startProviderDaemon({ script, endpoint: uri, credentials: {} }, options);
}
