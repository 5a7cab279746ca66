import type { Provider } from "../api/provider.ts";

type ProviderType = Provider["spec"]["type"];

/** Command of the daemon for a type of hypervisor; undefined where this project has none. */
export function providerCommand(type: ProviderType): string | undefined {
  switch (type) {
    case "vsphere":
    case "libvirt":
    case "proxmox":
      return `virtrigaud-provider-${type}`;
    case "firecracker":
    case "qemu":
      return undefined;
  }
}
