import { array } from "../../xdr/composites.ts";
import { int, uhyper, uint } from "../../xdr/numbers.ts";
import { procedure, quick } from "../procedure.ts";
import { flag, flags, MAX_OBJECTS, needResults, storagePool, storageVol, text, uuid } from "../types.ts";

/** In bytes. */
const volumeInfo = { type: int, capacity: uhyper, allocation: uhyper };

/** Storage pools and the volumes in them. */
export const storageProcedures = {
  connectListAllStoragePools: quick(281, {
    args: { needResults, flags },
    returns: { pools: array(storagePool, MAX_OBJECTS), count: uint },
  }),
  storagePoolLookupByName: quick(84, { args: { name: text }, returns: { pool: storagePool } }),
  storagePoolLookupByUuid: quick(85, { args: { uuid }, returns: { pool: storagePool } }),
  storagePoolLookupByVolume: quick(86, { args: { vol: storageVol }, returns: { pool: storagePool } }),
  storagePoolDefineXml: procedure(77, { args: { xml: text, flags }, returns: { pool: storagePool } }),
  /** A pool that is gone when it is destroyed. */
  storagePoolCreateXml: procedure(76, {
    args: { xml: text, flags },
    returns: { pool: storagePool },
    lane: "long",
  }),
  storagePoolCreate: procedure(78, { args: { pool: storagePool, flags }, lane: "long" }),
  storagePoolBuild: procedure(79, { args: { pool: storagePool, flags }, lane: "long" }),
  /** Looks at the storage again. */
  storagePoolRefresh: procedure(83, { args: { pool: storagePool, flags }, lane: "long" }),
  /** Stops it; its volumes stay. */
  storagePoolDestroy: procedure(80, { args: { pool: storagePool }, lane: "long" }),
  storagePoolUndefine: procedure(82, { args: { pool: storagePool } }),
  storagePoolSetAutostart: procedure(90, { args: { pool: storagePool, autostart: flag } }),
  storagePoolIsActive: quick(154, { args: { pool: storagePool }, returns: { active: flag } }),
  /** In bytes. */
  storagePoolGetInfo: quick(87, {
    args: { pool: storagePool },
    returns: { state: uint, capacity: uhyper, allocation: uhyper, available: uhyper },
  }),
  storagePoolGetXmlDesc: quick(88, { args: { pool: storagePool, flags }, returns: { xml: text } }),

  storagePoolListAllVolumes: quick(282, {
    args: { pool: storagePool, needResults, flags },
    returns: { vols: array(storageVol, MAX_OBJECTS), count: uint },
  }),
  storageVolLookupByName: quick(95, {
    args: { pool: storagePool, name: text },
    returns: { vol: storageVol },
  }),
  storageVolLookupByPath: quick(97, { args: { path: text }, returns: { vol: storageVol } }),
  storageVolCreateXml: procedure(93, {
    args: { pool: storagePool, xml: text, flags },
    returns: { vol: storageVol },
    lane: "long",
  }),
  /** A copy of `source`, which may be in another pool. */
  storageVolCreateXmlFrom: procedure(125, {
    args: { pool: storagePool, xml: text, source: storageVol, flags },
    returns: { vol: storageVol },
    lane: "long",
  }),
  storageVolDelete: procedure(94, { args: { vol: storageVol, flags }, lane: "long" }),
  /** In bytes. */
  storageVolResize: procedure(260, { args: { vol: storageVol, capacity: uhyper, flags }, lane: "long" }),
  storageVolGetInfo: quick(98, { args: { vol: storageVol }, returns: volumeInfo }),
  storageVolGetPath: quick(100, { args: { vol: storageVol }, returns: { path: text } }),
  storageVolGetXmlDesc: quick(99, { args: { vol: storageVol, flags }, returns: { xml: text } }),
};

/** Calls that go on as streams of bytes; `length` 0 is to the end. Libvirt's upload and download make them. */
export const streamProcedures = {
  storageVolUpload: procedure(208, { args: { vol: storageVol, offset: uhyper, length: uhyper, flags } }),
  storageVolDownload: procedure(209, { args: { vol: storageVol, offset: uhyper, length: uhyper, flags } }),
};
