import type { Call } from "./call.ts";
import type { Pve } from "./client/index.ts";
import { attempt } from "./errors.ts";
import { readConfig } from "./mapping/found-config.ts";
import type { Template } from "./mapping/inventory.ts";

/** A template with its options. @throws NOT_FOUND when it was removed. */
export async function readTemplate(
  pve: Pve,
  { node, vmid, name }: Omit<Template, "config">,
  call: Call,
): Promise<Template> {
  const { pending } = pve.api(call).nodes.$(node).qemu.$(vmid);
  const answer = await attempt(`reading template ${vmid}`, () => pending.$get());
  return { node, vmid, name, config: readConfig(answer).next };
}
