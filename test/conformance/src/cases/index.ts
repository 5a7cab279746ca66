import type { Case } from "../case.ts";
import { adopt } from "./adopt.ts";
import { capabilities } from "./capabilities.ts";
import { checkHosts } from "./check-hosts.ts";
import { clone } from "./clone.ts";
import { consoleTicket } from "./console.ts";
import { createBlank } from "./create-blank.ts";
import { createConcurrent } from "./create-concurrent.ts";
import { createFromImage } from "./create-from-image.ts";
import { createInterrupted } from "./create-interrupted.ts";
import { createNameRace } from "./create-name-race.ts";
import { createReplay } from "./create-replay.ts";
import { deleteVm } from "./delete.ts";
import { errorDetails } from "./error-details.ts";
import { foreignVm } from "./foreign-vm.ts";
import { getUnknown } from "./get-unknown.ts";
import { info } from "./info.ts";
import { invalidSpec } from "./invalid-spec.ts";
import { leftBehind } from "./left-behind.ts";
import { listChanging } from "./list-changing.ts";
import { listPages } from "./list-pages.ts";
import { nameTaken } from "./name-taken.ts";
import { nestedGuard } from "./nested-guard.ts";
import { nestedRequired } from "./nested-required.ts";
import { nestedVerified } from "./nested-verified.ts";
import { networkInterface } from "./network-interface.ts";
import { operationCancel } from "./operation-cancel.ts";
import { operationLifecycle } from "./operation-lifecycle.ts";
import { plan } from "./plan.ts";
import { powerOnOff } from "./power-on-off.ts";
import { powerReset } from "./power-reset.ts";
import { prepareImage } from "./prepare-image.ts";
import { presenceNested } from "./presence-nested.ts";
import { presenceSecureBoot } from "./presence-secure-boot.ts";
import { reconfigure } from "./reconfigure.ts";
import { snapshots } from "./snapshots.ts";
import { specMismatch } from "./spec-mismatch.ts";
import { storageClass } from "./storage-class.ts";
import { unimplemented } from "./unimplemented.ts";
import { usage } from "./usage.ts";
import { watchChanges } from "./watch-changes.ts";
import { watchHeartbeat } from "./watch-heartbeat.ts";
import { watchResume } from "./watch-resume.ts";

/** Every case, in the order of the report; the last one looks after all others. */
export const cases: readonly Case[] = [
  info,
  capabilities,
  unimplemented,
  errorDetails,
  invalidSpec,
  createBlank,
  createReplay,
  createConcurrent,
  createNameRace,
  createInterrupted,
  createFromImage,
  prepareImage,
  specMismatch,
  nameTaken,
  storageClass,
  networkInterface,
  presenceNested,
  presenceSecureBoot,
  nestedRequired,
  nestedVerified,
  nestedGuard,
  checkHosts,
  plan,
  getUnknown,
  listPages,
  listChanging,
  watchChanges,
  watchResume,
  watchHeartbeat,
  powerOnOff,
  powerReset,
  operationLifecycle,
  operationCancel,
  reconfigure,
  snapshots,
  clone,
  adopt,
  consoleTicket,
  usage,
  deleteVm,
  foreignVm,
  leftBehind,
];
