import { fail } from "../api/error.ts";

/** Fails when a `machine` option asks for what QEMU cannot build. */
export function checkMachine(machine: string | undefined): void {
  const keys = keysOf(machine);
  const width = keys.get("aw-bits");
  if (keys.get("viommu") === "intel") {
    if (!/q35/.test(keys.get("type") ?? "")) fail("to use Intel vIOMMU please set the machine type to q35");
    if (width !== undefined && width !== "39" && width !== "48")
      fail("Intel vIOMMU supports only 39 or 48 bits as address width");
  }
  if (width !== undefined && !keys.has("viommu")) fail("cannot set aw-bits if no vIOMMU is configured");
}

/** The machine type that QEMU runs: a bare name gets the newest version. */
export function machineOf(machine: string | undefined, qemu: string): string {
  const type = keysOf(machine).get("type") ?? "pc";
  const version = qemu.split(".").slice(0, 2).join(".");
  if (type === "pc") return `pc-i440fx-${version}+pve0`;
  if (type === "q35") return `pc-q35-${version}+pve0`;
  return type.includes("+pve") ? type : `${type}+pve0`;
}

/** Windows gets a machine version that stays; others are left as they are. */
export function pinnedMachine(
  machine: string | undefined,
  ostype: string | undefined,
  qemu: string,
): string | undefined {
  if (!/^(w|win)/.test(ostype ?? "")) return machine;
  const keys = keysOf(machine);
  const type = keys.get("type") ?? "pc";
  if (type !== "pc" && type !== "q35") return machine;
  const pinned = machineOf(type, qemu).replace(/\+pve0$/, "");
  const rest = (machine ?? "").split(",").filter((part) => part.includes("=") && !part.startsWith("type="));
  return [pinned, ...rest].join(",");
}

function keysOf(machine: string | undefined): Map<string, string> {
  const parts = (machine ?? "").split(",").filter((part) => part !== "");
  return new Map(
    parts.map((part) => (part.includes("=") ? (part.split("=") as [string, string]) : ["type", part])),
  );
}
