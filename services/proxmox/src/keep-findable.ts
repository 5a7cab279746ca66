import type { Call } from "./call.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import { readTags } from "./mapping/knobs.ts";
import { encodeTags } from "./mapping/language/tags.ts";
import { ownerTag, uidOfRow } from "./mapping/ownership.ts";
import { whenFree } from "./when-free.ts";

/** A snapshot from before the VM had its owner brings back tags without the owner's, by which the VM is found; its description stays as it is. */
export async function keepFindable(cluster: Cluster, uid: string, call: Call): Promise<void> {
  const found = await cluster.vms.byHint(uid, call);
  if (found === undefined || uidOfRow(found.config.next) === uid) return;
  const { node, vmid, name, config } = found;
  const tags = encodeTags([...readTags(config.next), ownerTag(uid)]);
  const options = cluster.pve.api(call).nodes.$(node).qemu.$(vmid).config;
  await attempt(`tagging VM ${name}`, () =>
    whenFree(() => options.$put({ tags, digest: config.digest }), call),
  );
}
