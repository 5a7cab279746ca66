import { failedPrecondition, ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import {
  type CloneVMRequest,
  type CloneVMResponse,
  EnsureState,
  type Operation,
  View,
  VMSpec,
} from "@virtrigaud/proto";
import type { Call } from "../call.ts";
import type { Cluster } from "../cluster.ts";
import { attempt } from "../errors.ts";
import { isUnfinished } from "../finish-clone.ts";
import { requireFreeName, withVmid } from "../make-vm.ts";
import { making } from "../making.ts";
import { configureCopy, copyParameters, copySpec } from "../mapping/copy.ts";
import type { ReadVm } from "../mapping/existing.ts";
import { foundSpec } from "../mapping/found-spec.ts";
import { observe } from "../mapping/observation.ts";
import { requestedSpec, stampMarker } from "../mapping/ownership.ts";
import { Problems } from "../mapping/problems.ts";
import { markerOf, notFound, requireOwner, unfinishedName } from "../ownership.ts";
import { markerFor } from "../planning.ts";
import { uploadSeed } from "../seed.ts";
import { snapshotOf } from "../snapshots.ts";
import { taskOperation } from "../task.ts";
import { whenFree } from "../when-free.ts";
import { findVm } from "./get-vm.ts";

/** Resumable like CreateVM; the copy is found by its uid first, so that the source may be gone by then. */
export const cloneVm =
  (cluster: Cluster): UnaryHandler<"cloneVm"> =>
  async (request, { signal }) =>
    cluster.turns.run(request.uid, signal, async () => {
      const call = { signal };
      const underWay = await making(cluster, request.uid, "clone", call);
      if (underWay !== undefined) return inProgress(underWay);
      const hinted = await cluster.vms.byHint(request.uid, call);
      const made = hinted === undefined ? await findOrCopy(cluster, request, call) : { found: hinted };
      return "operation" in made ? inProgress(made.operation) : finish(cluster, made.found, request, call);
    });

const inProgress = (operation: Operation): CloneVMResponse => ({
  state: EnsureState.IN_PROGRESS,
  operation,
  vm: undefined,
});

function findOrCopy(cluster: Cluster, request: CloneVMRequest, call: Call) {
  const { uid, name, controllerId } = request;
  return withVmid(cluster, uid, call, async (vmidOf, { vms }) => {
    const source = await findVm(cluster, request.source, call);
    if (request.snapshotId !== "") await snapshotOf(cluster, source, request.snapshotId, call);
    requireFreeName(name, uid, vms);
    const vmid = vmidOf();
    const marker = markerFor(uid, controllerId, await specOf(cluster, source, request, call), vmid);
    const { description } = stampMarker(marker, []);
    const parameters = copyParameters(request, source.node, description);
    const { clone } = cluster.pve.api(call).nodes.$(source.node).qemu.$(source.vmid);
    const upid = await clone.$post({ ...parameters, newid: vmid, name: unfinishedName(uid) });
    const node = String(parameters.target ?? source.node);
    cluster.vms.known.began(uid, { node, vmid, name, making: upid });
    return taskOperation("clone", uid, upid);
  });
}

/** What was asked of the source, or where nobody asked for anything what it is. */
async function specOf(
  cluster: Cluster,
  source: ReadVm,
  request: CloneVMRequest,
  call: Call,
): Promise<VMSpec> {
  const { nodes } = await cluster.inventory(call);
  const node = nodes.find(({ name }) => name === source.node);
  const sight = { asked: undefined, uid: "", node, settings: cluster.settings };
  return copySpec(requestedSpec(markerOf(source)) ?? foundSpec(source.config.next, sight), request);
}

async function finish(
  cluster: Cluster,
  found: ReadVm,
  request: CloneVMRequest,
  call: Call,
): Promise<CloneVMResponse> {
  requireOwner(found, request.uid);
  const upload = isUnfinished(found, request.uid)
    ? await configure(cluster, found, request, call)
    : undefined;
  if (upload !== undefined) return inProgress(upload);
  const now = await cluster.vms.read(found, call);
  if (now === undefined) throw notFound(`VM ${request.name} was removed meanwhile`);
  if (now.name !== request.name) throw otherName(now, request);
  const vm = observe(now, await cluster.sight(call), View.FULL);
  return { state: EnsureState.COMPLETE, operation: undefined, vm };
}

/** Gives the copy what is its own, in one change; answers the upload of its seed where that has to be there first. */
async function configure(
  cluster: Cluster,
  { node: name, vmid, config }: ReadVm,
  { uid, controllerId, cloudInit, name: wanted }: CloneVMRequest,
  call: Call,
): Promise<Operation | undefined> {
  const { nodes } = await cluster.inventory(call);
  const node = nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`VM ${vmid} is on node ${name}, which was not read`);
  const asked = requestedSpec(markerOf({ vmid, config } as ReadVm)) ?? VMSpec.create();
  const spec = { ...asked, cloudInit };
  const marker = markerFor(uid, controllerId, spec, vmid);
  const problems = new Problems();
  const scope = { spec, marker, existing: config.next, node, settings: cluster.settings };
  const { parameters, seed } = configureCopy(scope, problems);
  if (problems.violations.length > 0) throw failedPrecondition(problems.violations);
  const upload = seed && (await uploadSeed(cluster, uid, name, seed, call));
  if (upload !== undefined) return upload;
  const options = cluster.pve.api(call).nodes.$(name).qemu.$(vmid).config;
  await attempt(`configuring VM ${wanted}`, () =>
    whenFree(() => options.$put({ ...parameters, digest: config.digest }), call),
  );
  cluster.vms.known.changed(uid);
  return undefined;
}

const otherName = ({ name }: ReadVm, request: CloneVMRequest): ProviderError =>
  new ProviderError({
    code: status.ALREADY_EXISTS,
    reason: "SPEC_MISMATCH",
    message: `${request.uid} owns VM ${name} already, which is not ${request.name}; use another uid`,
  });
