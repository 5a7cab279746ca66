import type { Usage } from "@virtrigaud/proto";
import { type Json, numberOf } from "./json.ts";

/**
 * Counters of a `status/current`, or of a listing's row. CPU time is left at 0: Proxmox VE tells the load of the last seconds and no total.
 * Memory is the host's where it is told, from 9 on; before, what the guest calls used.
 */
export const usage = (status: Readonly<Record<string, Json>>): Usage => ({
  cpuSeconds: 0,
  memoryBytes: numberOf(status.memhost) ?? numberOf(status.mem) ?? 0,
  diskReadBytes: numberOf(status.diskread) ?? 0,
  diskWriteBytes: numberOf(status.diskwrite) ?? 0,
  networkReceiveBytes: numberOf(status.netin) ?? 0,
  networkTransmitBytes: numberOf(status.netout) ?? 0,
});
