import { array } from "../../xdr/composites.ts";
import { int, uhyper } from "../../xdr/numbers.ts";
import { procedure, quick } from "../procedure.ts";
import {
  domain,
  domainSnapshot,
  flag,
  flags,
  MAX_OBJECTS,
  needResults,
  optionalText,
  text,
} from "../types.ts";

/** Snapshots, and the jobs that fold their disks together. */
export const snapshotProcedures = {
  domainSnapshotCreateXml: procedure(185, {
    args: { domain, xml: text, flags },
    returns: { snapshot: domainSnapshot },
    lane: "long",
  }),
  domainListAllSnapshots: quick(274, {
    args: { domain, needResults, flags },
    returns: { snapshots: array(domainSnapshot, MAX_OBJECTS), count: int },
  }),
  domainSnapshotLookupByName: quick(189, {
    args: { domain, name: text, flags },
    returns: { snapshot: domainSnapshot },
  }),
  domainSnapshotGetXmlDesc: quick(186, {
    args: { snapshot: domainSnapshot, flags },
    returns: { xml: text },
  }),
  domainHasCurrentSnapshot: procedure(190, { args: { domain, flags }, returns: { result: flag } }),
  domainSnapshotCurrent: procedure(191, { args: { domain, flags }, returns: { snapshot: domainSnapshot } }),
  domainSnapshotGetParent: quick(244, {
    args: { snapshot: domainSnapshot, flags },
    returns: { parent: domainSnapshot },
  }),
  domainRevertToSnapshot: procedure(192, { args: { snapshot: domainSnapshot, flags }, lane: "long" }),
  domainSnapshotDelete: procedure(193, { args: { snapshot: domainSnapshot, flags }, lane: "long" }),

  /** Folds `top` into `base`; without them the whole chain into its first file. Runs on as a block job. */
  domainBlockCommit: procedure(290, {
    args: { domain, disk: text, base: optionalText, top: optionalText, bandwidth: uhyper, flags },
    lane: "long",
  }),
  domainBlockPull: procedure(240, {
    args: { domain, path: text, bandwidth: uhyper, flags },
    lane: "long",
  }),
  domainGetBlockJobInfo: procedure(238, {
    args: { domain, path: text, flags },
    returns: { found: flag, type: int, bandwidth: uhyper, current: uhyper, end: uhyper },
  }),
  domainBlockJobAbort: procedure(237, { args: { domain, path: text, flags }, lane: "long" }),
};
