import { PowerAction, type VMReference, type VMSpec, type Violation } from "@virtrigaud/proto";
import { violation } from "../errors/provider-error.ts";
import type { Request, Rpc } from "../rpc.ts";
import { validateImage } from "./image.ts";
import { validateControllerId, validateName, validateRequired, validateUid } from "./names.ts";
import { validateRange } from "./numbers.ts";
import { validateSpec } from "./spec.ts";
import { validateEnums } from "./unrecognized.ts";

/** Everything that is wrong with a request on its own, all at once; empty when nothing is. Pure. */
export function validateRequest<K extends Rpc>(rpc: K, request: Request<K>): Violation[] {
  return [...CHECKS[rpc](request), ...validateEnums(request)];
}

const byUid = ({ uid }: { uid: string }) => validateUid(uid);
const byName = ({ name }: { name: string }) => validateOperationName(name);
const nothing = () => [];

const CHECKS: { [K in Rpc]: (request: Request<K>) => Violation[] } = {
  getInfo: nothing,
  getCapabilities: nothing,
  checkHosts: nothing,
  planVm: ({ spec, uid }) => [...(uid === "" ? [] : validateUid(uid)), ...requireSpec(spec, uid !== "")],
  createVm: ({ uid, spec, controllerId }) => [
    ...validateUid(uid),
    ...requireSpec(spec, false),
    ...validateControllerId(controllerId),
  ],
  adoptVm: ({ id, uid, controllerId }) => [
    ...validateRequired(id, "id", "VM.id of the VM to adopt"),
    ...validateUid(uid),
    ...validateControllerId(controllerId),
  ],
  getVm: ({ vm }) => validateReference(vm, "vm"),
  listVMs: ({ pageSize }) => validateRange(pageSize, 0, 1_000, "page_size"),
  watchVMs: nothing,
  setPower: ({ uid, action, gracefulTimeoutSeconds }) => [
    ...validateUid(uid),
    ...(action === PowerAction.UNSPECIFIED
      ? [violation("action", "REQUIRED", "is required: ON, OFF, GRACEFUL_OFF, REBOOT, RESET or SUSPEND")]
      : []),
    ...validateRange(gracefulTimeoutSeconds, 0, 3_600, "graceful_timeout_seconds"),
  ],
  reconfigureVm: ({ uid, spec }) => [...validateUid(uid), ...requireSpec(spec, true)],
  deleteVm: byUid,
  cloneVm: ({ source, uid, name, controllerId }) => [
    ...validateReference(source, "source"),
    ...validateUid(uid),
    ...validateName(name, "name"),
    ...validateControllerId(controllerId),
  ],
  createSnapshot: ({ uid, name }) => [...validateUid(uid), ...validateName(name, "name")],
  listSnapshots: byUid,
  revertSnapshot: ({ uid, snapshotId }) => [...validateUid(uid), ...requireSnapshot(snapshotId)],
  deleteSnapshot: ({ uid, snapshotId }) => [...validateUid(uid), ...requireSnapshot(snapshotId)],
  prepareImage: ({ image }) =>
    image
      ? validateImage(image, "image")
      : [violation("image", "REQUIRED", "is required: the image to prepare")],
  verifyNesting: byUid,
  getOperation: byName,
  watchOperation: byName,
  cancelOperation: byName,
  getConsole: byUid,
};

function requireSpec(spec: VMSpec | undefined, keepsDisks: boolean): Violation[] {
  if (spec === undefined) return [violation("spec", "REQUIRED", "is required: what the VM shall be")];
  return validateSpec(spec, "spec", keepsDisks);
}

function requireSnapshot(id: string): Violation[] {
  return validateRequired(id, "snapshot_id", "Snapshot.id of ListSnapshots");
}

function validateReference(vm: VMReference | undefined, field: string): Violation[] {
  switch (vm?.reference?.$case) {
    case undefined:
      return [violation(field, "REQUIRED", "is required: the uid of an owned VM, or a VM.id")];
    case "uid":
      return validateUid(vm.reference.value, `${field}.uid`);
    case "id":
      return validateRequired(vm.reference.value, `${field}.id`, "VM.id");
  }
}

function validateOperationName(name: string): Violation[] {
  if (Buffer.byteLength(name) > 1_024)
    return [violation("name", "INVALID_NAME", "must be at most 1,024 bytes")];
  return validateRequired(name, "name", "Operation.name");
}
