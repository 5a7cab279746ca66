/** How the content of a file tells what it is. */
interface KnownFormat {
  readonly name: string;
  readonly at: number;
  readonly magic: string | readonly number[];
  /** What to do with it. */
  readonly remedy: string;
}

const convert = "convert it: qemu-img convert -O qcow2 IMAGE image.qcow2";
const decompress = "decompress it and name the disk image itself";
const extract = "extract its disk and convert that: qemu-img convert -O qcow2 DISK image.qcow2";

/** What is no image for a root disk here, by the signatures that the formats' own specifications give. */
const formats: readonly KnownFormat[] = [
  { name: "a VMDK", at: 0, magic: "KDMV", remedy: convert },
  { name: "a VMDK", at: 0, magic: "COWD", remedy: convert },
  { name: "a VMDK", at: 0, magic: "# Disk DescriptorFile", remedy: convert },
  { name: "a VHD", at: 0, magic: "conectix", remedy: convert },
  { name: "a VHDX", at: 0, magic: "vhdxfile", remedy: convert },
  { name: "a VDI", at: 64, magic: [0x7f, 0x10, 0xda, 0xbe], remedy: convert },
  { name: "a QED image", at: 0, magic: "QED\0", remedy: convert },
  { name: "a Parallels image", at: 0, magic: "WithoutFreeSpace", remedy: convert },
  { name: "a Parallels image", at: 0, magic: "WithouFreSpacExt", remedy: convert },
  {
    name: "LUKS-encrypted",
    at: 0,
    magic: [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe],
    remedy: "decrypt it first",
  },
  {
    name: "an ISO image",
    at: 0x8001,
    magic: "CD001",
    remedy: "install from it once and use the resulting disk, or take the distribution's cloud image",
  },
  { name: "an OVA or tar archive", at: 257, magic: "ustar", remedy: extract },
  { name: "a zip archive", at: 0, magic: "PK\x03\x04", remedy: extract },
  { name: "compressed with gzip", at: 0, magic: [0x1f, 0x8b], remedy: decompress },
  { name: "compressed with xz", at: 0, magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], remedy: decompress },
  { name: "compressed with zstd", at: 0, magic: [0x28, 0xb5, 0x2f, 0xfd], remedy: decompress },
  { name: "compressed with bzip2", at: 0, magic: "BZh", remedy: decompress },
];

/** What a file's beginning shows it to be, other than qcow2 and raw: "a VMDK; convert it: …". Undefined where nothing is known. */
export function otherFormat(head: Buffer): string | undefined {
  const found = formats.find(({ at, magic }) => {
    const expected = typeof magic === "string" ? Buffer.from(magic, "latin1") : Buffer.from(magic);
    return head.subarray(at, at + expected.length).equals(expected);
  });
  if (found !== undefined) return `it is ${found.name}; ${found.remedy}`;
  if (/^\s*(?:<!doctype html|<html|<\?xml)/i.test(head.subarray(0, 512).toString("latin1")))
    return "it is a web page or XML document; correct the URL so that it names the image itself";
  return undefined;
}

/** Whether a disk begins with the boot sector or partition table that firmware looks for. */
export const isBootable = (head: Buffer): boolean =>
  (head.length >= 512 && head.readUInt16BE(510) === 0x55aa) ||
  head.subarray(512, 520).toString("latin1") === "EFI PART";
