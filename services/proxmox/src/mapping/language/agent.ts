import { type Open, propertyString } from "./property-string.ts";
import { choice, flag } from "./value.ts";

/** The `agent` option: how the host talks to qemu-guest-agent. */
export interface Agent extends Open {
  readonly enabled?: boolean;
  readonly type?: "virtio" | "isa";
  readonly fstrimClonedDisks?: boolean;
}

const agent = propertyString<Agent>({
  option: "agent",
  defaultKey: "enabled",
  fields: {
    enabled: ["enabled", flag],
    type: ["type", choice("virtio", "isa")],
    fstrimClonedDisks: ["fstrim_cloned_disks", flag],
  },
});

export const encodeAgent = agent.encode;
export const decodeAgent = agent.decode;
