import { required, type UnaryHandler } from "@virtrigaud/kit";
import type { PlanVMResponse, Violation, VMSpec } from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import { attempt } from "../errors.ts";
import { driftLines } from "../mapping/drift-lines.ts";
import { encodeName } from "../mapping/entity-name.ts";
import type { Plan, Planned } from "../mapping/plan.ts";
import { withRefused } from "../mapping/refused.ts";
import { markerFor, planNew } from "../planning.ts";
import type { Vcenter } from "../vcenter.ts";
import type { VirtualMachineConfigSpec } from "../vim/types.ts";

/** Stands for the uid of a VM that does not exist yet. */
const noUid = "00000000-0000-0000-0000-000000000000";

export const planVm =
  (vcenter: Vcenter): UnaryHandler<"planVm"> =>
  async ({ spec, uid }, { signal }): Promise<PlanVMResponse> => {
    const asked = required(spec);
    const planned = await planNew(vcenter, markerFor(uid || noUid, "", asked), asked, { signal });
    const existing = uid === "" ? undefined : await vcenter.vms.byUid(uid, { signal }, "full");
    const isNew = existing?.marker?.uid !== uid || uid === "";
    const taken = isNew && planned.plan ? await nameTaken(vcenter, planned.plan, asked, { signal }) : [];
    return {
      ...(await nativeText(planned)),
      appliedCapabilities: withRefused(planned.applied, taken),
      violations: [...planned.violations, ...taken],
      advice: planned.advice,
      host: planned.plan?.placement.host?.name ?? "",
      drift: existing?.config === undefined ? [] : driftLines(asked, planned.config, existing.config),
    };
  };

async function nativeText({
  config,
  plan,
}: Planned): Promise<Pick<PlanVMResponse, "nativeConfiguration" | "nativeFormat">> {
  // Loaded when it is first needed: the XML library is 8 MiB that a provider which only makes VMs never uses.
  const { renderXml } = await import("../vim/xml.ts");
  const shown = withoutSecrets(config);
  const [type, value] =
    plan?.clone === undefined
      ? ["VirtualMachineConfigSpec", shown]
      : ["VirtualMachineCloneSpec", { ...plan.clone.spec, config: shown }];
  return { nativeConfiguration: renderXml(type, value), nativeFormat: `vim25 ${type} (XML)` };
}

/** user-data may hold passwords and keys; what is shown says that it is there and no more. */
function withoutSecrets(config: VirtualMachineConfigSpec): VirtualMachineConfigSpec {
  const secret = new Set(["guestinfo.userdata", "guestinfo.metadata"]);
  const extraConfig = (config.extraConfig ?? []).map((option) =>
    secret.has(option.key) ? { ...option, value: "(redacted)" } : option,
  );
  return { ...config, extraConfig };
}

/** Whether something of the VM's name is in its folder already; a folder that is still to be made is empty. */
async function nameTaken(
  vcenter: Vcenter,
  { placement }: Plan,
  { name }: VMSpec,
  call: Call,
): Promise<Violation[]> {
  if (placement.folder.missing.length > 0) return [];
  const entity = { type: "Folder", value: placement.folder.existing };
  const holder = await attempt(`looking for the name ${name}`, async () => {
    const { searchIndex } = await vcenter.client.serviceContent(call);
    return vcenter.client.call("FindChild", searchIndex, { entity, name: encodeName(name) }, call);
  });
  if (holder === undefined) return [];
  const description = `the name ${name} is taken by ${holder.type} ${holder.value} in the same folder; choose another name or folder`;
  return [{ field: "spec.name", reason: "NAME_TAKEN", description }];
}
