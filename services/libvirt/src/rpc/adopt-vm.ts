import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import { View } from "@virtrigaud/proto";
import { notFound } from "../domains.ts";
import type { Host } from "../host.ts";
import { readMarker } from "../mapping/metadata.ts";
import { observe } from "../mapping/observation.ts";
import { stamp } from "../ownership.ts";

/** An adopted VM carries no request: nothing is known of what was asked of it. */
export const adoptVm =
  (host: Host): UnaryHandler<"adoptVm"> =>
  ({ id, uid, controllerId }, call) =>
    host.turns.run(id, call.signal, async () => {
      const found = await host.domains.byId(id, call);
      if (found === undefined) throw notFound(`no VM has the id ${id}`);
      const owner = readMarker(found.stored)?.uid;
      if (owner !== undefined && owner !== uid) throw ownedByAnother(found.domain.name, owner);
      const other = await host.domains.byUid(uid, call);
      if (other !== undefined && other.domain.uuid !== found.domain.uuid)
        throw ownedByAnother(other.domain.name, readMarker(other.stored)?.uid ?? "nobody");
      if (owner === undefined)
        await stamp(host, found, { uid, controllerId, specFingerprint: "", canonicalSpec: "" }, call);
      const now = await host.domains.byId(id, call, "full");
      if (now === undefined) throw notFound(`VM ${id} was removed meanwhile`);
      return { vm: observe(now, await host.sight(call), View.FULL) };
    });

const ownedByAnother = (name: string, owner: string): ProviderError =>
  new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "OWNED_BY_ANOTHER",
    message: `domain ${name} is owned by ${owner}; it is not touched`,
  });
