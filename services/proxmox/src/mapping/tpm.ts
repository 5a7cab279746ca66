import { TpmVersion, type VMSpec } from "@virtrigaud/proto";
import { anySizeBytes, formatOn } from "./firmware.ts";
import type { Node } from "./inventory.ts";
import { decodeTpmState, encodeTpmState } from "./language/tpmstate.ts";
import { newVolume } from "./language/volume.ts";
import type { Problems } from "./problems.ts";
import { atLeast } from "./versions.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** The first version whose TPM state can be other than raw. */
const formatsSince = "9.1";

/** The emulated TPM's state, where one is asked for and the template has none. */
export function tpm(
  { tpm: wanted }: VMSpec,
  node: Pick<Node, "version" | "storages">,
  storage: string | undefined,
  existing: VmConfig,
  problems: Problems,
): Parameters {
  if (wanted === undefined) return {};
  const version = wanted.version === TpmVersion.TPM_VERSION_1_2 ? "v1.2" : "v2.0";
  const found = optionOf(existing, "tpmstate0");
  if (found !== undefined) {
    const held = decodeTpmState(found).version ?? "v1.2";
    if (held !== version)
      problems.add(
        "spec.tpm.version",
        "TPM_VERSION_UNSUPPORTED",
        `the image's template has a TPM ${held}, which never changes its version; set tpmVersion accordingly or use another template`,
      );
    return {};
  }
  if (storage === undefined) return {};
  const format = atLeast(node.version, formatsSince) ? formatOn(node, storage) : undefined;
  const tpmstate0 = problems.written("spec.tpm", () =>
    encodeTpmState({
      volume: newVolume(storage, anySizeBytes),
      version,
      ...(format === undefined ? {} : { rest: { format } }),
    }),
  );
  return tpmstate0 === undefined ? {} : { tpmstate0 };
}
