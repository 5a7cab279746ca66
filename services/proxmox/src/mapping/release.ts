import { decodeDescription, encodeDescription } from "./language/description.ts";
import { decodeTags, encodeTags } from "./language/tags.ts";
import { isOwnerTag } from "./ownership.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** The change that takes our marker off a VM and leaves everything else, people's notes and tags included. */
export function releaseOptions(config: VmConfig): Parameters {
  const description = encodeDescription({
    notes: decodeDescription(optionOf(config, "description") ?? "").notes,
  });
  const kept = decodeTags(optionOf(config, "tags") ?? "").filter((tag) => !isOwnerTag(tag));
  const tags = encodeTags(kept);
  const gone = [...(description === "" ? ["description"] : []), ...(tags === "" ? ["tags"] : [])];
  return {
    ...(description === "" ? {} : { description }),
    ...(tags === "" ? {} : { tags }),
    ...(gone.length === 0 ? {} : { delete: gone.join(",") }),
  };
}
