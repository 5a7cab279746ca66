import type { NestedFeature } from "./nesting.ts";

/** What the log of a start says. */
export interface StartReading {
  /** The VM was asked to nest, and Proxmox VE started it without. It runs all the same, and must be stopped. */
  nestingIgnored: boolean;
  /** What nested-virt became on this node. */
  nestedFeature: NestedFeature | undefined;
  /** What Proxmox VE warned of, in its own words; a start with warnings has succeeded. */
  warnings: string[];
}

/**
 * Reads the log of a qmstart task. A VM that shall not nest loses nothing where the node has nothing to switch off.
 * Source: PVE::QemuServer::CPUConfig, from 9.1 on.
 */
export function readStartLog(log: readonly string[], needsNesting: boolean): StartReading {
  const warnings = log.filter((line) => line.startsWith("WARN: ")).map((line) => line.slice("WARN: ".length));
  const isIgnored = (line: string) => line.startsWith("ignoring 'nested-virt' CPU flag");
  const resolved = log.flatMap(
    (line) => /^CPU flag 'nested-virt' resolved to '(vmx|svm)'/.exec(line)?.[1] ?? [],
  );
  return {
    nestingIgnored: needsNesting && warnings.some(isIgnored),
    nestedFeature: resolved[0] as NestedFeature | undefined,
    warnings: warnings.filter((line) => !isIgnored(line)),
  };
}
