import type { UnaryHandler } from "@virtrigaud/kit";
import type { Host } from "../host.ts";
import { listed } from "../snapshots.ts";

export const listSnapshots =
  (host: Host): UnaryHandler<"listSnapshots"> =>
  async ({ uid }, call) => {
    const domain = await host.domains.ownedHandle(uid, call);
    return { snapshots: await listed(host.libvirt, domain, call) };
  };
