import type { Major } from "../release.ts";

// By the first major version that has them.
const since: Readonly<Record<Major, string>> = {
  6: [
    "VM.Allocate VM.Audit VM.Backup VM.Clone VM.Config.CDROM VM.Config.CPU VM.Config.Cloudinit VM.Config.Disk",
    "VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options VM.Console VM.Migrate VM.PowerMgmt",
    "VM.Snapshot VM.Snapshot.Rollback VM.Monitor Sys.Audit Sys.Console Sys.Incoming Sys.Modify Sys.PowerMgmt",
    "Sys.Syslog Datastore.Allocate Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit",
    "Permissions.Modify Pool.Allocate Realm.Allocate Realm.AllocateUser User.Modify Group.Allocate",
    "SDN.Allocate SDN.Audit",
  ].join(" "),
  7: "Pool.Audit",
  8: "SDN.Use Mapping.Audit Mapping.Use Mapping.Modify Sys.AccessNetwork",
  9: [
    "VM.Replicate VM.GuestAgent.Audit VM.GuestAgent.FileRead VM.GuestAgent.FileWrite",
    "VM.GuestAgent.FileSystemMgmt VM.GuestAgent.Unrestricted",
  ].join(" "),
};

/** Every privilege of a major version. VM.Monitor went in 9. */
export function allPrivileges(major: Major): readonly string[] {
  const names = ([6, 7, 8, 9] as const)
    .filter((first) => first <= major)
    .flatMap((first) => since[first].split(" "));
  return major >= 9 ? names.filter((name) => name !== "VM.Monitor") : names;
}
