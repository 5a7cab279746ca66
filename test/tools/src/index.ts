export { DebianPackagesMissing, MissingHere, PrivilegeMissing, whyMissing } from "./debian/missing.ts";
export { ensureDebianPackages } from "./debian/packages.ts";
export { GoProgramUnavailable, type Log, whyUnavailable } from "./go/build.ts";
export { buildGovc } from "./govc/build.ts";
export { govc, govcCollect } from "./govc/govc.ts";
export { buildGrpcurl, grpcurl } from "./grpcurl/grpcurl.ts";
export { buildGuestImage, type GuestImage } from "./libvirt/guest-image.ts";
export {
  type PrivateLibvirtd,
  type PrivateLibvirtdOptions,
  startPrivateLibvirtd,
  startSystemLibvirtd,
} from "./libvirt/private-libvirtd.ts";
export { runInGuest } from "./libvirt/testing.ts";
export { buildVcsim } from "./vcsim/build.ts";
export type { VcsimOptions } from "./vcsim/options.ts";
export { startVcsim, type Vcsim } from "./vcsim/start.ts";
export { startLibvirtProvider } from "./provider/libvirt-daemon.ts";
export { type ProxmoxAccess, startProxmoxProvider } from "./provider/proxmox-daemon.ts";
export type { DaemonOptions, ProviderDaemon } from "./provider/provider-daemon.ts";
export { startVsphereProvider, type VcenterAccess } from "./provider/vsphere-daemon.ts";
export {
  type SoapAction,
  type SoapCall,
  type SoapProxy,
  type SoapProxyOptions,
  startSoapProxy,
} from "./soap-proxy/soap-proxy.ts";
