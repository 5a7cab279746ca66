import type { Usage } from "@virtrigaud/proto";

/** Counters from libvirt's bulk statistics: "cpu.time" in ns, "balloon.rss" in KiB, "block.0.rd.bytes", "net.0.rx.bytes" … */
export function usage(stats: ReadonlyMap<string, number>): Usage {
  const sum = (group: string, counter: string) =>
    [...stats]
      .filter(([key]) => key.startsWith(`${group}.`) && key.endsWith(`.${counter}`))
      .reduce((total, [, value]) => total + value, 0);
  return {
    cpuSeconds: (stats.get("cpu.time") ?? 0) / 1e9,
    memoryBytes: (stats.get("balloon.rss") ?? stats.get("balloon.current") ?? 0) * 1024,
    diskReadBytes: sum("block", "rd.bytes"),
    diskWriteBytes: sum("block", "wr.bytes"),
    networkReceiveBytes: sum("net", "rx.bytes"),
    networkTransmitBytes: sum("net", "tx.bytes"),
  };
}
