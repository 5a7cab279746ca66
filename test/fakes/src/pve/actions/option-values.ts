import { fail } from "../api/error.ts";
import type { Major } from "../release.ts";

const MOST_V2 = 10_000;

/** Fails when `sshkeys`, which is percent-encoded, holds a line that is no public key. */
export function checkSshKeys(options: Readonly<Record<string, string>>): void {
  const encoded = options["sshkeys"];
  if (encoded === undefined) return;
  const lines = decodeURIComponent(encoded)
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (!lines.every((line) => /^(?:\S+ )?(?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/]+=*(?: .*)?$/.test(line)))
    fail("SSH public key validation error");
}

/** Since 7 weights above what cgroup v2 knows become its largest. Changes the options. */
export function clampCpuUnits(options: Record<string, string>, major: Major): void {
  const units = options["cpuunits"];
  if (units !== undefined && major >= 7) options["cpuunits"] = String(Math.min(Number(units), MOST_V2));
}
