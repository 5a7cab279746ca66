import type { VMSpec } from "@virtrigaud/proto";
import type { Problems } from "./problems.ts";

/** Names that libvirt has nothing for, as the request has them. */
const foreign = ["cluster", "folder", "resourcePool", "datacenter"] as const;

/** A libvirt daemon is one host with pools; anything else that a placement names is refused. */
export function checkPlacement({ placement }: VMSpec, host: string, problems: Problems): void {
  if (placement === undefined) return;
  if (placement.host !== "" && placement.host !== host)
    problems.add(
      "spec.placement.host",
      "PLACEMENT_UNKNOWN",
      `this provider's only host is ${host}, not ${placement.host}; leave the host out or use that host's provider`,
    );
  for (const key of foreign) {
    if (placement[key] === "") continue;
    const field = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    problems.add(`spec.placement.${field}`, "PLACEMENT_UNSUPPORTED", `libvirt has no ${key}; leave it out`);
  }
}
