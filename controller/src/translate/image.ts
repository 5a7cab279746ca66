import { ChecksumAlgorithm, type Image, type UrlImage } from "@virtrigaud/proto";
import { type Checksum, parseChecksum } from "../api/checksum.ts";
import type { VMImage } from "../api/vm-image.ts";

const ALGORITHMS: Record<Checksum["algorithm"], ChecksumAlgorithm> = {
  sha256: ChecksumAlgorithm.SHA256,
  sha512: ChecksumAlgorithm.SHA512,
  sha1: ChecksumAlgorithm.SHA1,
  md5: ChecksumAlgorithm.MD5,
};

interface Download {
  readonly checksum?: string | undefined;
  readonly checksumType?: Checksum["algorithm"] | undefined;
}

/** All sources of the image; the provider takes its own, then the URL, and says what to add when there is neither. */
export function imageOf({ metadata, spec: { source, prepare } }: VMImage): Image {
  const { http } = source;
  const unchecked = prepare?.validateChecksum === false ? { checksum: undefined } : {};
  return {
    name: metadata.name,
    vsphere: source.vsphere && vsphere({ ...source.vsphere, ...unchecked }),
    libvirt: source.libvirt && libvirt({ ...source.libvirt, ...unchecked }),
    proxmox: source.proxmox && proxmox(source.proxmox),
    url: http && download(http.url, { ...http, ...unchecked }),
  };
}

type Source = VMImage["spec"]["source"];

function vsphere(source: NonNullable<Source["vsphere"]>): Image["vsphere"] {
  const { templateName = "", contentLibrary, ovaURL } = source;
  return {
    templateName,
    contentLibraryItem:
      contentLibrary === undefined ? "" : `${contentLibrary.library}/${contentLibrary.item}`,
    ova: ovaURL === undefined ? undefined : download(ovaURL, source, "ova"),
  };
}

function libvirt(source: NonNullable<Source["libvirt"]>): Image["libvirt"] {
  const { path = "", url, format, storagePool = "" } = source;
  return { path, storagePool, url: url === undefined ? undefined : download(url, source, format) };
}

function proxmox(source: NonNullable<Source["proxmox"]>): Image["proxmox"] {
  const { templateID, templateName = "", storage = "", node = "", fullClone } = source;
  return { templateId: templateID, templateName, storage, node, fullClone };
}

function download(url: string, { checksum: expected, checksumType }: Download, format = ""): UrlImage {
  const checksum = expected === undefined ? undefined : parseChecksum(expected, checksumType);
  return {
    url,
    checksum: checksum?.digest ?? "",
    checksumAlgorithm:
      checksum === undefined ? ChecksumAlgorithm.UNSPECIFIED : ALGORITHMS[checksum.algorithm],
    format,
  };
}
