import * as libvirt from "../libvirt/host.ts";
import type { Measurement } from "../measurement.ts";
import * as proxmox from "../proxmox/simulated.ts";
import * as vsphere from "../vsphere/simulated.ts";
import { providerFootprint } from "./provider-footprint.ts";

/** Of each provider, before the hypervisor that it is for. */
export const footprints: readonly Measurement[] = [
  providerFootprint("vsphere", async (scope) => {
    const vcenter = await vsphere.startVcenter(scope);
    return (inner, options) => vsphere.startProvider(inner, vcenter, options);
  }),
  providerFootprint("libvirt", async (scope) => {
    const libvirtd = await libvirt.startLibvirtd(scope);
    return (inner, options) => libvirt.startProvider(inner, libvirtd, options);
  }),
  providerFootprint("proxmox", async (scope) => {
    const pve = await proxmox.startPve(scope);
    return (inner, options) => proxmox.startProvider(inner, pve, options);
  }),
];
