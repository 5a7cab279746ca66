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
  // Before the VMs are listed: of a file that is gone by then the list shows what was made of it.
  const wasStored = await isStored(cluster, plan, call);
  const made = await withVmid(cluster, owner, call, async (vmidOf, { vms }) => {
    if (vms.some(({ isTemplate, name }) => isTemplate && name === wish.name)) return alreadyThere();
    const download = wasStored ? undefined : await downloadStep(cluster, plan, call);
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

/** Whether the file is there, which it is only as a whole. */
async function isStored({ pve }: Cluster, { node, fileStorage, filename, volume }: ImportPlan, call: Call) {
  const { content } = pve.api(call).nodes.$(node).storage.$(fileStorage);
  const stored = await attempt(`looking for ${filename}`, () => content.$get({ content: "import" }));
  return stored.some(({ volid }) => volid === volume);
}

/** Starts the download, or joins one; undefined once the file is there. */
async function downloadStep(cluster: Cluster, plan: ImportPlan, call: Call): Promise<Operation | undefined> {
  const { node, fileStorage, filename, download } = plan;
  if (await isStored(cluster, plan, call)) return undefined;
  const at = cluster.pve.api(call).nodes.$(node);
  return attempt(`downloading ${filename}`, async () => {
    const active = await at.tasks.$get({ source: "active", typefilter: "download", limit: 500 });
    const present = active.find(({ id }) => id === filename)?.upid;
    const upid = present ?? (await at.storage.$(fileStorage)["download-url"].$post(download as never));
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
    ? alreadyThere()
    : taskOperation("template", imageOwner(name), upid, digestOf(url));
}

const alreadyThere = (): Operation => doneOperation("make the image a template: already there");
