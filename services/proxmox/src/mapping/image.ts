import type { Image, UrlImage } from "@virtrigaud/proto";
import type { Node, Template, TemplateEntry } from "./inventory.ts";
import { decodeDrive } from "./language/drive.ts";
import { storageOf } from "./language/volume.ts";
import { listNames, type Problems } from "./problems.ts";
import { numbered, optionOf, type VmConfig } from "./vm-config.ts";

/** What an image is here: a template that is there, or a file that PrepareImage makes one of. */
export type ImageSource =
  | { kind: "template"; vmid: number | undefined; name: string; node: string }
  | { kind: "url"; url: UrlImage; name: string };

/** Where an image comes from on Proxmox VE, or the violation that says what to add. */
export function imageSource(image: Image, problems: Problems): ImageSource | undefined {
  const { proxmox, url } = image;
  if (proxmox?.templateId !== undefined || proxmox?.templateName)
    return { kind: "template", vmid: proxmox.templateId, name: proxmox.templateName, node: proxmox.node };
  if (url !== undefined) return { kind: "url", url, name: preparedName(url) };
  return problems.add(
    "spec.image",
    "IMAGE_SOURCE_MISSING",
    `image ${image.name} has no source for Proxmox VE; add source.proxmox.templateID, source.proxmox.templateName or source.http.url`,
  );
}

/** Name of the template that an image's file becomes: the same for the same content, wherever it was asked for. */
export const preparedName = ({ url, checksum, checksumAlgorithm }: UrlImage): string =>
  `vrtg-image-${checksum === "" ? `${hash(url)}${hash(`${url}#`)}` : hash(checksumAlgorithm) + checksum.slice(0, 24)}`;

/** FNV-1a, 32 bits, in hex. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
}

/** The template of an image among those that there are; violations list them. Of several copies the one with the lowest VMID. */
export function findTemplate(
  image: Image,
  templates: readonly TemplateEntry[],
  problems: Problems,
): TemplateEntry | undefined {
  const source = imageSource(image, problems);
  if (source === undefined) return undefined;
  if (source.kind === "url") {
    const [found] = templates.filter(({ name }) => name === source.name).sort((a, b) => a.vmid - b.vmid);
    if (found !== undefined) return found;
    return problems.add(
      "spec.image",
      "IMAGE_NOT_PREPARED",
      `image ${image.name} is not a template here yet; call PrepareImage`,
    );
  }
  const { vmid, name, node } = source;
  const found = templates.filter(
    (one) =>
      (vmid === undefined || one.vmid === vmid) &&
      (name === "" || one.name === name) &&
      (node === "" || one.node === node),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const wanted = `template ${[vmid ?? "", name].filter((part) => part !== "").join(" ")}${node === "" ? "" : ` on node ${node}`}`;
  if (found.length > 1)
    return problems.add(
      "spec.image",
      "IMAGE_AMBIGUOUS",
      `there are ${found.length} of ${wanted} (${listNames(found.map((one) => String(one.vmid)))}); name one by templateID`,
    );
  return problems.add(
    "spec.image",
    "IMAGE_UNKNOWN",
    `there is no ${wanted} that the provider may see; there are: ${listNames(templates.map((one) => `${one.vmid} ${one.name}`))}; give its token VM.Clone and VM.Audit on /vms/VMID`,
  );
}

/** What a root disk was made from, for people: "template 9000 (ubuntu-24.04)". */
export const imageText = ({ vmid, name }: TemplateEntry): string => `template ${vmid} (${name})`;

/** Volumes that a clone takes from its template. */
export const templateVolumes = (config: VmConfig): string[] =>
  [
    ...["scsi", "virtio", "sata", "ide"].flatMap((bus) => numbered(config, bus).map(([, value]) => value)),
    ...["efidisk0", "tpmstate0"].flatMap((name) => optionOf(config, name) ?? []),
  ]
    .map((value) => decodeDrive(value))
    .filter(({ media }) => media !== "cdrom")
    .flatMap(({ volume }) => volume ?? []);

/** A clone can be made for another node only where that one sees the template's volumes. */
export function checkReach(
  node: Node,
  template: Template | undefined,
  nodes: readonly Node[],
  problems: Problems,
): void {
  if (template === undefined || template.node === node.name) return;
  const home = nodes.find(({ name }) => name === template.node);
  const local = templateVolumes(template.config).filter((volume) => {
    const isShared = (at: Node | undefined) =>
      at?.storages.some(({ name, shared }) => shared && name === storageOf(volume));
    return !(isShared(home) && isShared(node));
  });
  if (local.length === 0) return;
  problems.add(
    "spec.image",
    "IMAGE_NOT_ON_NODE",
    `template ${template.vmid} ${template.name} is on node ${template.node} and its volume ${local[0]} not on storage that node ${node.name} shares; choose ${template.node}, or put the template on shared storage`,
  );
}
