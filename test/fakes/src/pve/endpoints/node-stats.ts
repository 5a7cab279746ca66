import type { Cluster } from "../model/cluster.ts";
import type { Node } from "../model/node.ts";
import { usedMemory } from "../actions/start.ts";

const ROOT_BYTES = 250 * 2 ** 30;
const ROOT_USED = 20 * 2 ** 30;

/** A node as lists show it; an auditor sees the measured values too. */
export function nodeEntry(cluster: Cluster, node: Node, canAudit: boolean) {
  const entry = { id: `node/${node.name}`, node: node.name, type: "node" };
  if (!node.online) return { ...entry, status: "offline", level: "", ...(canAudit ? limits(node) : {}) };
  const measured = {
    uptime: node.uptimeSeconds,
    cpu: 0.02,
    mem: usedMemory(cluster, node),
    disk: ROOT_USED,
    ...limits(node),
  };
  return { ...entry, status: "online", level: "", ...(canAudit ? measured : {}) };
}

const limits = (node: Node) => ({ maxcpu: node.cpus, maxmem: node.memoryBytes, maxdisk: ROOT_BYTES });

/** What `GET /nodes/{node}/status` answers. */
export function nodeStatus(cluster: Cluster, node: Node) {
  const { manager, kernel, major } = cluster.release;
  const used = usedMemory(cluster, node);
  const shown = node.shownVirtualization;
  return {
    uptime: node.uptimeSeconds,
    idle: 0,
    wait: 0,
    cpu: 0.02,
    loadavg: ["0.02", "0.01", "0.00"],
    kversion: `Linux ${kernel} #1 SMP PREEMPT_DYNAMIC`,
    pveversion: `pve-manager/${manager}/simulated`,
    ksm: { shared: 0 },
    swap: { total: 0, used: 0, free: 0 },
    memory: {
      total: node.memoryBytes,
      used,
      free: node.memoryBytes - used,
      ...(major >= 9 ? { available: node.memoryBytes - used } : {}),
    },
    rootfs: {
      total: ROOT_BYTES,
      used: ROOT_USED,
      avail: ROOT_BYTES - ROOT_USED,
      free: ROOT_BYTES - ROOT_USED,
    },
    cpuinfo: {
      cpus: node.cpus,
      cores: node.cpus,
      sockets: 1,
      user_hz: 100,
      mhz: "2600.000",
      model: node.vendor === "intel" ? "Intel(R) Xeon(R) Gold 6338" : "AMD EPYC 7543",
      flags: node.cpuFlags,
      hvm: shown === undefined ? "" : "1",
      ...(major >= 9 ? { vendor: node.cpuVendor, family: node.vendor === "intel" ? "6" : "25" } : {}),
    },
    ...(major >= 8
      ? {
          "boot-info": { mode: "efi", secureboot: 0 },
          "current-kernel": {
            sysname: "Linux",
            machine: "x86_64",
            release: kernel,
            version: "#1 SMP PREEMPT_DYNAMIC",
          },
        }
      : {}),
  };
}
