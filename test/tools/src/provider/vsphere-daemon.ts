import { type DaemonOptions, type ProviderDaemon, startProviderDaemon } from "./provider-daemon.ts";
import { join } from "node:path";

/** What a vSphere provider is pointed at. */
export interface VcenterAccess {
  url: string;
  username: string;
  password: string;
  certificatePem: string;
}

/** Starts the compiled vSphere provider. Rejects when it ends before it serves. */
export function startVsphereProvider(
  { url, username, password, certificatePem }: VcenterAccess,
  options: DaemonOptions = {},
): Promise<ProviderDaemon> {
  const script = "services/vsphere/bin/virtrigaud-provider-vsphere.js";
  const credentials = { username, password, "ca.crt": certificatePem };
  const configuration = (directory: string) => ({ caFile: join(directory, "ca.crt") });
  return startProviderDaemon({ script, endpoint: url, credentials, configuration }, options);
}
