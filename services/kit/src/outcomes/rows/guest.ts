import { Feature } from "@virtrigaud/proto";
import { applied, type OutcomeRow, substituted } from "../row.ts";

/** What is said to the guest and about it. */
export const guestRows: readonly OutcomeRow[] = [
  {
    id: "cloud-init",
    feature: Feature.CLOUD_INIT,
    field: "spec.cloud_init",
    manifest: "userData.cloudInit.inline",
    asks: (spec) => spec.cloudInit !== undefined,
    cells: {
      vsphere: applied("config.extraConfig[guestinfo.userdata]"),
      libvirt: applied("NoCloud seed image"),
      proxmox: applied("NoCloud seed image, or cloud-init drive"),
    },
  },
  {
    id: "tags",
    feature: Feature.TAGS,
    field: "spec.tags",
    manifest: "tags",
    asks: (spec) => spec.tags.length > 0,
    cells: {
      vsphere: substituted(
        "config.annotation",
        "vSphere tags live outside the vim25 API; they are listed in the VM's notes instead",
      ),
      libvirt: substituted(
        "domain/metadata",
        "libvirt has no tags; they are kept in the domain's metadata instead",
      ),
      proxmox: applied("tags"),
    },
  },
];
