import type { UnaryHandler } from "@virtrigaud/kit";
import { View } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { readTags } from "../mapping/knobs.ts";
import { observe } from "../mapping/observation.ts";
import { stampMarker } from "../mapping/ownership.ts";
import { markerOf, notFound, ownedByAnother } from "../ownership.ts";
import { withGuest } from "../read-vm.ts";
import { whenFree } from "../when-free.ts";

/** An adopted VM carries no request: nothing is known of what was asked of it. */
export const adoptVm =
  (cluster: Cluster): UnaryHandler<"adoptVm"> =>
  async ({ id, uid, controllerId }, { signal }) =>
    cluster.turns.run(`adopt ${id}`, signal, async () => {
      const call = { signal };
      const found = await cluster.vms.byId(id, call);
      if (found === undefined) throw notFound(`no VM has the id ${id}`);
      const owner = markerOf(found)?.uid;
      if (owner !== undefined && owner !== uid) throw ownedByAnother(found, `the marker of ${owner}`);
      const other = await cluster.vms.byUid(uid, call);
      if (other !== undefined && other.vmid !== found.vmid)
        throw ownedByAnother(other, `the marker of ${uid}`);
      if (owner === undefined) await stamp(cluster, found, { uid, controllerId }, call);
      const now = await cluster.vms.read(found, call);
      if (now === undefined) throw notFound(`VM ${id} was removed meanwhile`);
      const seen = await withGuest(cluster.pve, now, call);
      return { vm: observe(seen, await cluster.sight(call), View.FULL) };
    });

async function stamp(
  { pve }: Cluster,
  { node, vmid, name, config }: ReadVm,
  owner: { uid: string; controllerId: string },
  call: Call,
): Promise<void> {
  const marker = { ...owner, specFingerprint: "", canonicalSpec: "", vmid };
  const stamped = stampMarker(marker, readTags(config.next), config.next);
  const options = pve.api(call).nodes.$(node).qemu.$(vmid).config;
  await attempt(`stamping the owner of VM ${name}`, () =>
    whenFree(() => options.$put({ ...stamped, digest: config.digest }), call),
  );
}
