import {
  type Advice,
  ChecksumAlgorithm,
  Feature,
  PreparedImage,
  type UrlImage,
  VMSpec,
} from "@virtrigaud/proto";
import { findRootBytes } from "./image-root.ts";
import type { Node, Template } from "./inventory.ts";
import { encodeAgent } from "./language/agent.ts";
import { encodeBoot } from "./language/boot.ts";
import { newVolume } from "./language/volume.ts";
import { imageText, preparedName } from "./image.ts";
import type { Problems } from "./problems.ts";
import { imageFormat } from "./provisioning.ts";
import type { Settings } from "./settings.ts";
import { chooseStorage, usableStorages } from "./storage.ts";
import type { Parameters } from "./vm-config.ts";
import { atLeast } from "./versions.ts";

/** The first Proxmox VE that downloads disk images and imports them from a storage. */
const importsSince = "8.3";

/** Where an image goes, and how. */
export interface ImportPlan {
  node: string;
  /** Storage that keeps the file until it is imported. */
  fileStorage: string;
  filename: string;
  /** "local:import/vrtg-image-1.qcow2" */
  volume: string;
  /** POST download-url */
  download: Parameters;
  /** POST qemu, without `vmid` and what tells the owner. */
  create: Parameters;
}

/** Plans the import of a file on the first node that can, or says why none can. */
export function planImport(
  url: UrlImage,
  storageClass: string,
  nodes: readonly Node[],
  settings: Settings,
  problems: Problems,
): ImportPlan | undefined {
  const format = formatOf(url, problems);
  const online = nodes.filter(({ online, name }) => online && (settings.node ?? name) === name);
  const able = online.filter(({ version }) => atLeast(version, importsSince));
  const node = able.find((one) => fileStorageOf(one, settings) !== undefined);
  const fileStorage = node && fileStorageOf(node, settings);
  if (able.length === 0)
    return problems.add(
      "image.url",
      "HYPERVISOR_VERSION",
      `Proxmox VE downloads disk images from ${importsSince} on; make a template by hand (qm importdisk, qm template) and name it in source.proxmox.templateName, or upgrade a node`,
    );
  if (node === undefined || fileStorage === undefined)
    return problems.add(
      "image.url",
      "IMAGE_STORAGE_MISSING",
      "no online node has an active storage that takes imports; let one: pvesm set STORAGE --content import,…",
    );
  const disk = VMSpec.fromPartial({ disks: [{ name: "root", storageClass }] });
  const { disks } = chooseStorage(disk, { node, settings, templateVolume: undefined }, problems);
  const target = disks.get("root");
  if (format === undefined || target === undefined) return undefined;
  const name = preparedName(url);
  const filename = `${name}.${format}`;
  const volume = `${fileStorage}:import/${filename}`;
  const kept = imageFormat(target);
  const scsi0 = [
    newVolume(target.name, 0),
    `import-from=${volume}`,
    "discard=on",
    "iothread=1",
    ...(kept === undefined ? [] : [`format=${kept}`]),
  ].join(",");
  return {
    node: node.name,
    fileStorage,
    filename,
    volume,
    download: { url: url.url, content: "import", filename, ...checksumOf(url) },
    create: {
      name,
      ostype: "l26",
      memory: 1024,
      agent: encodeAgent({ enabled: true }),
      scsihw: "virtio-scsi-single",
      scsi0,
      boot: encodeBoot({ order: ["scsi0"] }),
    },
  };
}

const fileStorageOf = (node: Node, { imageStorage }: Settings): string | undefined => {
  const usable = usableStorages(node, "import").map(({ name }) => name);
  return imageStorage !== undefined && usable.includes(imageStorage) ? imageStorage : usable[0];
};

const formats = ["qcow2", "raw", "vmdk"];

/** Proxmox VE goes by the name's end. */
function formatOf({ url, format }: UrlImage, problems: Problems): string | undefined {
  const end = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(url)?.[1]?.toLowerCase() ?? "";
  const known = formats.find((one) => one === (format === "" ? end : format.toLowerCase()));
  if (known !== undefined) return known;
  return problems.add(
    "image.url.format",
    "IMAGE_REFUSED",
    `Proxmox VE imports ${formats.join(", ")}, and ${format === "" ? `the URL ends in "${end}"` : `not ${format}`}; set the image's format (most .img files are qcow2), or use another file`,
  );
}

const algorithms: Readonly<Record<string, string>> = {
  [ChecksumAlgorithm.SHA512]: "sha512",
  [ChecksumAlgorithm.SHA1]: "sha1",
  [ChecksumAlgorithm.MD5]: "md5",
};
const algorithmOf = ({ checksumAlgorithm }: UrlImage): string => algorithms[checksumAlgorithm] ?? "sha256";

const checksumOf = (url: UrlImage): Parameters =>
  url.checksum === "" ? {} : { checksum: url.checksum, "checksum-algorithm": algorithmOf(url) };

/** "sha256:…" of what was asked for, which Proxmox VE has checked; "" without. */
export const digestOf = (url: UrlImage): string =>
  url.checksum === "" ? "" : `${algorithmOf(url)}:${url.checksum}`;

/** A template as the image that it is. */
export const preparedImage = (template: Template, digest: string): PreparedImage =>
  PreparedImage.fromPartial({
    id: String(template.vmid),
    location: `${imageText(template)} on node ${template.node}`,
    digest,
    sizeBytes: findRootBytes(template.config),
  });

/** What PVE::API2::Qemu says of a second conversion. */
export const isTemplateAlready = (text: string): boolean =>
  /you can't convert a template to a template/.test(text);

/** Proxmox VE tells no digest of what it has downloaded. */
export const importAdvice = ({ checksum }: UrlImage): Advice[] =>
  checksum === ""
    ? [
        {
          feature: Feature.IMAGE_PREPARE,
          message:
            "without a checksum nobody knows what the server sends, and what it sent first is kept, whatever the URL holds later; add a checksum",
        },
      ]
    : [];
