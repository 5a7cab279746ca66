import type { VMSpec } from "@virtrigaud/proto";
import type { VirtualMachineConfigSpec } from "../vim/types.ts";
import { type Encode, guestinfoOptions } from "./cloud-init.ts";
import { computeConfig } from "./compute.ts";
import { encodeName } from "./entity-name.ts";
import { askedOptions, nestedOptions } from "./extra-config.ts";
import { firmwareConfig } from "./firmware.ts";
import { type Marker, stampMarker } from "./ownership.ts";
import type { Problems } from "./problems.ts";
import { annotationConfig } from "./tags.ts";

/** What a VM shall be apart from its devices and its place. Takes the effective spec. */
export function vmConfig(
  spec: VMSpec,
  marker: Marker,
  encode: Encode,
  problems: Problems,
): VirtualMachineConfigSpec {
  return {
    name: encodeName(spec.name),
    instanceUuid: marker.uid,
    ...annotationConfig(spec),
    ...computeConfig(spec),
    ...firmwareConfig(spec),
    extraConfig: [
      ...stampMarker(marker),
      ...nestedOptions(spec),
      ...guestinfoOptions(marker.uid, spec, encode, problems),
      ...askedOptions(spec),
    ],
  };
}
