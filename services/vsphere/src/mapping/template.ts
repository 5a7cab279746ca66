import type { Image, VMSpec } from "@virtrigaud/proto";
import type { ManagedObjectReference, VirtualMachineConfigInfo } from "../vim/types.ts";
import type { Inventory } from "./inventory.ts";
import type { Placement } from "./placement.ts";
import type { Problems } from "./problems.ts";
import { checkTemplate } from "./template-check.ts";

/** A VM or template that a root disk can be made from. */
export interface Template {
  ref: ManagedObjectReference<"VirtualMachine">;
  name: string;
  /** Id of its folder; undefined inside a vApp. */
  folder: string | undefined;
  config: VirtualMachineConfigInfo;
}

/** The template's name or inventory path; a violation when the image has no source that vSphere can use. */
export function templateName(image: Image, problems: Problems): string | undefined {
  const name = image.vsphere?.templateName ?? "";
  if (name !== "") return name;
  if (image.vsphere?.contentLibraryItem || image.vsphere?.ova || image.url) {
    return problems.add(
      "spec.image",
      "IMAGE_IMPORT_UNSUPPORTED",
      `image ${image.name} would have to be imported, which this provider does not do; import it once and set VMImage.spec.source.vsphere.templateName`,
    );
  }
  return problems.add(
    "spec.image",
    "IMAGE_SOURCE_MISSING",
    `image ${image.name} has no source for vSphere; set VMImage.spec.source.vsphere.templateName to a template of vCenter`,
  );
}

/** Ids of the datacenters that hold one of the templates. */
export const datacentersOf = (templates: readonly Template[], { folders }: Inventory): string[] =>
  templates.flatMap(({ folder }) => folders.find(({ id }) => id === folder)?.datacenter ?? []);

/** Of several templates of the image's name the one in the VM's datacenter, else the first; checked, with a violation where there is none. */
export function chooseTemplate(
  spec: VMSpec,
  templates: readonly Template[],
  placement: Pick<Placement, "datacenter"> | undefined,
  inventory: Inventory,
  problems: Problems,
): Template | undefined {
  const name = spec.image && templateName(spec.image, problems);
  if (name === undefined) return undefined;
  const isNear = (template: Template) =>
    datacentersOf([template], inventory).includes(placement?.datacenter.id ?? "");
  const template = templates.find(isNear) ?? templates[0];
  if (template !== undefined) checkTemplate(template, spec, problems);
  else
    problems.add(
      "spec.image",
      "TEMPLATE_NOT_FOUND",
      `no template or VM named ${name}; check VMImage.spec.source.vsphere.templateName`,
    );
  return template;
}
