import { Feature } from "@virtrigaud/proto";

/** What this provider does beyond a VM's knobs, with the path of Proxmox VE's API behind each. */
export const verbs: ReadonlyMap<Feature, string> = new Map([
  [Feature.POWER, "status/start, status/stop, status/reboot, status/reset"],
  [Feature.POWER_GRACEFUL_OFF, "status/shutdown"],
  [Feature.POWER_SUSPEND, "status/suspend: todisk"],
  [Feature.HOST_CHECK, "nodes/{node}/status, capabilities/qemu/cpu-flags"],
  [Feature.PLAN, "mapping without a request"],
  [Feature.ADOPT, "config: tags, description"],
  [Feature.WATCH, "cluster/resources"],
  [Feature.RECONFIGURE, "config"],
  [Feature.RECONFIGURE_LIVE, "config: hotplug"],
  [Feature.DISK_GROW, "resize"],
  [Feature.CLONE_FULL, "clone: full=1"],
  [Feature.CLONE_LINKED, "clone: full=0"],
  [Feature.SNAPSHOT, "snapshot"],
  [Feature.SNAPSHOT_MEMORY, "snapshot: vmstate"],
  [Feature.SNAPSHOT_QUIESCE, "agent: freeze-fs"],
  [Feature.IMAGE_PREPARE, "storage/{storage}/download-url, import-from, template"],
  [Feature.NESTING_VERIFICATION, "agent/exec"],
  [Feature.CONSOLE, "vncproxy"],
  [Feature.USAGE, "cluster/resources, status/current"],
  [Feature.CANCEL_OPERATION, "DELETE nodes/{node}/tasks/{upid}"],
]);
