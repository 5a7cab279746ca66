import type { Image, UrlImage } from "@virtrigaud/proto";
import type { Hypervisor, Template } from "../hypervisor/hypervisor.ts";

/** Where an image comes from on this hypervisor. */
export type ImageSource =
  | { readonly kind: "template"; readonly name: string; readonly template: Template | undefined }
  | { readonly kind: "url"; readonly image: UrlImage }
  | { readonly kind: "missing" };

/** Size of every image that is imported: a URL's pretended content has no more. */
export const importedBytes = 1024 ** 3;

/** Picks the source: a template by the name that any hypervisor's source gives it, else a URL. */
export function imageSource(hypervisor: Hypervisor, image: Image): ImageSource {
  const name = image.vsphere?.templateName || image.proxmox?.templateName;
  if (name) return { kind: "template", name, template: hypervisor.templates.get(name) };
  const url = image.url ?? image.libvirt?.url;
  return url?.url ? { kind: "url", image: url } : { kind: "missing" };
}
