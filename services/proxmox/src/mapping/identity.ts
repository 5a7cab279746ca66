import type { VMSpec } from "@virtrigaud/proto";
import { encodeAgent } from "./language/agent.ts";
import { decodeSmbios, encodeSmbios } from "./language/smbios.ts";
import type { Marker } from "./ownership.ts";
import type { Problems } from "./problems.ts";
import { ownership } from "./tags.ts";
import { optionOf, type Parameters, type VmConfig } from "./vm-config.ts";

/** As PVE::JSONSchema's format dns-name. */
const dnsName = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;

/** What tells the VM apart and whose it is, for people, for us and for the guest; and the channel to ask the guest through. */
export function identity(spec: VMSpec, marker: Marker, existing: VmConfig, problems: Problems): Parameters {
  if (!dnsName.test(spec.name))
    problems.add(
      "spec.name",
      "INVALID_NAME",
      "Proxmox VE takes DNS names only: letters, digits and hyphens, parts joined by dots; choose another name, or set Provider.spec.naming",
    );
  const stamped = ownership(spec, marker, existing, problems);
  const smbios = decodeSmbios(optionOf(existing, "smbios1") ?? "");
  return {
    name: spec.name,
    ...stamped,
    smbios1: encodeSmbios({ ...smbios, uuid: marker.uid }),
    agent: encodeAgent({ enabled: true }),
    ...(spec.virtualizationBasedSecurity ? { ostype: "win11" } : {}),
  };
}
