import { array, struct } from "../../xdr/composites.ts";
import { int, uhyper, uint } from "../../xdr/numbers.ts";
import { procedure, quick } from "../procedure.ts";
import { typedParams } from "../typed-params.ts";
import { domain, flag, flags, MAX_OBJECTS, needResults, optionalText, text, uuid } from "../types.ts";

const MAX_STATS = 262_144;

/** Domains: finding, defining and reading them. */
export const domainProcedures = {
  connectListAllDomains: quick(273, {
    args: { needResults, flags },
    returns: { domains: array(domain, MAX_OBJECTS), count: uint },
  }),
  domainLookupByName: quick(23, { args: { name: text }, returns: { domain } }),
  domainLookupByUuid: quick(24, { args: { uuid }, returns: { domain } }),
  domainDefineXmlFlags: procedure(350, { args: { xml: text, flags }, returns: { domain } }),
  domainUndefineFlags: procedure(231, { args: { domain, flags } }),
  domainGetXmlDesc: procedure(14, { args: { domain, flags }, returns: { xml: text } }),
  domainIsActive: quick(150, { args: { domain }, returns: { active: flag } }),
  domainIsPersistent: quick(151, { args: { domain }, returns: { persistent: flag } }),
  domainSetAutostart: procedure(29, { args: { domain, autostart: flag } }),
  /** `metadata` undefined removes it; `key` and `uri` name the XML namespace of an ELEMENT. */
  domainSetMetadata: procedure(264, {
    args: { domain, type: int, metadata: optionalText, key: optionalText, uri: optionalText, flags },
  }),
  domainGetMetadata: procedure(265, {
    args: { domain, type: int, uri: optionalText, flags },
    returns: { metadata: text },
  }),

  domainGetState: quick(212, { args: { domain, flags }, returns: { state: int, reason: int } }),
  /** Memory in KiB, cpuTime in nanoseconds. */
  domainGetInfo: procedure(16, {
    args: { domain },
    returns: { state: uint, maxMemory: uhyper, memory: uhyper, vcpus: uint, cpuTime: uhyper },
  }),
  /** In bytes. */
  domainGetBlockInfo: procedure(194, {
    args: { domain, path: text, flags },
    returns: { allocation: uhyper, capacity: uhyper, physical: uhyper },
  }),
  domainGetVcpusFlags: procedure(200, { args: { domain, flags }, returns: { count: int } }),
  /** Many domains in one round trip; without domains, those that `flags` choose. */
  connectGetAllDomainStats: procedure(344, {
    args: { domains: array(domain, MAX_OBJECTS), stats: uint, flags },
    returns: { records: array(struct({ domain, params: typedParams(MAX_STATS) }), MAX_OBJECTS) },
  }),

  /** Times in milliseconds, sizes in bytes. */
  domainGetJobInfo: procedure(163, {
    args: { domain },
    returns: {
      type: int,
      timeElapsed: uhyper,
      timeRemaining: uhyper,
      dataTotal: uhyper,
      dataProcessed: uhyper,
      dataRemaining: uhyper,
      memTotal: uhyper,
      memProcessed: uhyper,
      memRemaining: uhyper,
      fileTotal: uhyper,
      fileProcessed: uhyper,
      fileRemaining: uhyper,
    },
  }),
  domainAbortJob: procedure(164, { args: { domain } }),
};
