import type { VMSpec } from "@virtrigaud/proto";
import { isTag } from "./language/tags.ts";
import { isOwnerTag, type Marker, stampMarker } from "./ownership.ts";
import type { Problems } from "./problems.ts";
import type { Parameters, VmConfig } from "./vm-config.ts";

/** The owner's mark and the tags that are asked for; of a template's notes what people wrote stays. */
export function ownership(
  { tags }: VMSpec,
  marker: Marker,
  existing: VmConfig,
  problems: Problems,
): Parameters {
  const field = "spec.tags";
  const foreign = tags.filter((tag) => !isTag(tag));
  for (const tag of foreign)
    problems.add(
      field,
      "TAG_UNSUPPORTED",
      `Proxmox VE takes letters, digits, "_", "-", "+" and "." in tags, the first a letter, digit or "_": not ${JSON.stringify(tag)}`,
    );
  for (const tag of tags.filter(isOwnerTag))
    problems.add(field, "TAG_UNSUPPORTED", `${tag} begins as the provider's own tags do; use another`);
  const held = tags.filter((tag) => !foreign.includes(tag));
  return problems.written("spec", () => stampMarker(marker, held, existing)) ?? {};
}
