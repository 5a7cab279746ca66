import { ChecksumAlgorithm, type Image, type UrlImage, type Violation } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";
import { validateRange } from "./numbers.ts";

const HEX_DIGITS: Partial<Record<ChecksumAlgorithm, number>> = {
  [ChecksumAlgorithm.UNSPECIFIED]: 64,
  [ChecksumAlgorithm.SHA256]: 64,
  [ChecksumAlgorithm.SHA512]: 128,
  [ChecksumAlgorithm.SHA1]: 40,
  [ChecksumAlgorithm.MD5]: 32,
};

/** What a root disk is made from. Whether this hypervisor has a source among them is the provider's to say. */
export function validateImage(image: Image, field: string): Violation[] {
  const { vsphere, libvirt, proxmox, url } = image;
  const vsphereSources = vsphere && {
    template_name: vsphere.templateName !== "",
    content_library_item: vsphere.contentLibraryItem !== "",
    ova: vsphere.ova !== undefined,
  };
  const libvirtSources = libvirt && { path: libvirt.path !== "", url: libvirt.url !== undefined };
  const proxmoxSources = proxmox && {
    template_id: proxmox.templateId !== undefined,
    template_name: proxmox.templateName !== "",
  };
  return [
    ...validateOneSource(vsphereSources, `${field}.vsphere`),
    ...validateOneSource(libvirtSources, `${field}.libvirt`),
    ...validateOneSource(proxmoxSources, `${field}.proxmox`),
    ...validateRange(proxmox?.templateId, 100, 999_999_999, `${field}.proxmox.template_id`),
    ...validateUrl(vsphere?.ova, `${field}.vsphere.ova`),
    ...validateUrl(libvirt?.url, `${field}.libvirt.url`),
    ...validateUrl(url, `${field}.url`),
  ];
}

// None at all is left to the provider: an image may be meant for other hypervisors, or give a url.
function validateOneSource(sources: Record<string, boolean> | undefined, field: string): Violation[] {
  const set = Object.entries(sources ?? {}).filter(([, isSet]) => isSet);
  if (set.length < 2) return [];
  const names = set.map(([name]) => name).join(" and ");
  return [violation(field, "CONFLICTING_OPTIONS", `must have one source, not ${names}`)];
}

function validateUrl(image: UrlImage | undefined, field: string): Violation[] {
  if (image === undefined) return [];
  const protocol = URL.canParse(image.url) ? new URL(image.url).protocol : "";
  const violations =
    protocol === "http:" || protocol === "https:"
      ? []
      : [violation(`${field}.url`, "INVALID_URL", "must be an http or https URL")];
  const digits = HEX_DIGITS[image.checksumAlgorithm];
  if (image.checksum === "" || digits === undefined) return violations;
  if (/^[0-9a-f]+$/.test(image.checksum) && image.checksum.length === digits) return violations;
  const said = `must be ${digits} lower-case hexadecimal digits without prefix for this checksum_algorithm`;
  return [...violations, violation(`${field}.checksum`, "INVALID_CHECKSUM", said)];
}
