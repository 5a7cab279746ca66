import { failedPrecondition } from "@virtrigaud/kit";
import type { Operation, UrlImage } from "@virtrigaud/proto";
import type { Call } from "./call.ts";
import { PveError } from "./client/index.ts";
import type { Cluster } from "./cluster.ts";
import { attempt } from "./errors.ts";
import { withVmid } from "./make-vm.ts";
import { making } from "./making.ts";
import { digestOf, type ImportPlan, isTemplateAlready, planImport } from "./mapping/image-import.ts";
import type { ReadVm } from "./mapping/existing.ts";
import { stampMarker } from "./mapping/ownership.ts";
import { Problems } from "./mapping/problems.ts";
import { imageOwner } from "./ownership.ts";
import { removeFile } from "./seed.ts";
import { doneOperation } from "./operation-name.ts";
import { taskOperation } from "./task.ts";

export interface ImageWish {
  readonly url: UrlImage;
  /** Of the template. */
  readonly name: string;
  readonly storageClass: string;
}

/**
 * The next step from a URL to a template: download, import into a VM, make that a template. What each has left is found by the image's
 * name, whichever daemon began it. Who owns the VM meanwhile is the image itself.
 */
export async function importImage(cluster: Cluster, wish: ImageWish, call: Call): Promise<Operation> {
  const owner = imageOwner(wish.name);
  const underWay = await making(cluster, owner, "import", call);
  if (underWay !== undefined) return underWay;
  const plan = await planOf(cluster, wish, call);
  const made = await withVmid(cluster, owner, call, async (vmidOf) => {
    const download = await downloadStep(cluster, plan, call);
    return download ?? importStep(cluster, plan, owner, vmidOf(), call);
  });
  return "operation" in made ? made.operation : convert(cluster, made.found, plan, wish, call);
}

async function planOf(cluster: Cluster, { url, storageClass }: ImageWish, call: Call): Promise<ImportPlan> {
  const problems = new Problems();
  const { nodes } = await cluster.inventory(call);
  const plan = planImport(url, storageClass, nodes, cluster.settings, problems);
  if (plan === undefined || problems.violations.length > 0) throw failedPrecondition(problems.violations);
  return plan;
}

/** Starts the download, or joins one; undefined once the file is there, which it is only as a whole. */
async function downloadStep(
  { pve }: Cluster,
  { node, fileStorage, filename, volume, download }: ImportPlan,
  call: Call,
): Promise<Operation | undefined> {
  const at = pve.api(call).nodes.$(node);
  const storage = at.storage.$(fileStorage);
  return attempt(`downloading ${filename}`, async () => {
    const stored = await storage.content.$get({ content: "import" });
    if (stored.some(({ volid }) => volid === volume)) return undefined;
    const active = await at.tasks.$get({ source: "active", typefilter: "download", limit: 500 });
    const present = active.find(({ id }) => id === filename)?.upid;
    const upid = present ?? (await storage["download-url"].$post(download as never));
    return taskOperation("download", "", upid);
  });
}

async function importStep(
  cluster: Cluster,
  { node, create }: ImportPlan,
  owner: string,
  vmid: number,
  call: Call,
): Promise<Operation> {
  const marker = { uid: owner, controllerId: "", specFingerprint: "", canonicalSpec: "", vmid };
  const upid = await cluster.pve
    .api(call)
    .nodes.$(node)
    .qemu.$post({ vmid, ...create, ...stampMarker(marker, []) });
  cluster.vms.known.began(owner, { node, vmid, name: String(create.name), making: upid });
  return taskOperation("import", owner, upid);
}

/** Undefined where someone else was faster. */
async function unlessTemplate(convert: Promise<unknown>): Promise<string | undefined> {
  try {
    return String(await convert);
  } catch (error) {
    if (error instanceof PveError && isTemplateAlready(error.reason)) return undefined;
    throw error;
  }
}

/** The VM has the disk as its own by now. */
async function convert(
  cluster: Cluster,
  { node, vmid }: ReadVm,
  { fileStorage, volume }: ImportPlan,
  { url, name }: ImageWish,
  call: Call,
): Promise<Operation> {
  await removeFile(cluster, { node, storage: fileStorage, volume }, call);
  const { template } = cluster.pve.api(call).nodes.$(node).qemu.$(vmid);
  const upid = await attempt(`making a template of VM ${vmid}`, () => unlessTemplate(template.$post()));
  cluster.vms.known.changed(imageOwner(name));
  return upid === undefined
    ? doneOperation("make the image a template: already there")
    : taskOperation("template", imageOwner(name), upid, digestOf(url));
}
