import type { Host } from "../host.ts";

/** What the work on images needs of a host. */
export interface ImageHost extends Pick<Host, "libvirt" | "pools" | "settings" | "jobs" | "refresh"> {
  /** Hosts that images may be downloaded from although they are loopback or link-local. Unset: none. */
  readonly allowedImageHosts?: readonly string[] | undefined;
}
