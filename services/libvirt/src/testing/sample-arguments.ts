import type { Arguments, ProcedureName } from "../protocol/procedures.ts";
import type { Domain, DomainSnapshot, Network, StoragePool, StorageVol } from "../protocol/types.ts";

/** Things that calls are about. */
export interface SampleThings {
  readonly domain: Domain;
  readonly network: Network;
  readonly pool: StoragePool;
  readonly vol: StorageVol;
  readonly snapshot: DomainSnapshot;
}

const uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
const domain = { name: "sample", uuid, id: -1 };

/** Things that do not exist. */
export const nothing: SampleThings = {
  domain,
  network: { name: "sample", uuid },
  pool: { name: "sample", uuid },
  vol: { pool: "sample", name: "sample", key: "/sample" },
  snapshot: { name: "sample", domain },
};

const xml = "<nothing/>";
const machine = { arch: "x86_64", machine: "q35", virtType: "qemu" };

/** Well-formed arguments for every procedure, those that end a thing last. */
export function sampleArguments({ domain, network, pool, vol, snapshot }: SampleThings): {
  readonly [N in ProcedureName]: Arguments<N>;
} {
  return {
    connectGetType: {},
    connectGetVersion: {},
    connectGetLibVersion: {},
    connectGetHostname: {},
    connectGetUri: {},
    connectGetCapabilities: {},
    connectGetDomainCapabilities: machine,
    connectBaselineHypervisorCpu: { ...machine, xmlCpus: [xml, xml] },
    nodeGetInfo: {},
    nodeGetMemoryStats: { count: 0, cell: -1 },
    nodeGetFreeMemory: {},
    nodeGetCpuMap: { needMap: 1, needOnline: 1 },
    connectListAllInterfaces: {},
    interfaceGetXmlDesc: { interface: { name: "sample", mac: "" } },
    connectListAllNodeDevices: {},
    nodeDeviceLookupByName: { name: "sample" },
    nodeDeviceGetXmlDesc: { name: "computer" },
    connectListAllDomains: {},
    domainLookupByName: { name: domain.name },
    domainLookupByUuid: { uuid: domain.uuid },
    domainDefineXmlFlags: { xml },
    domainGetXmlDesc: { domain },
    domainIsActive: { domain },
    domainIsPersistent: { domain },
    domainSetAutostart: { domain, autostart: true },
    domainSetMetadata: { domain, type: 2, metadata: xml, key: "k", uri: "urn:k" },
    domainGetMetadata: { domain, type: 2, uri: "urn:k" },
    domainGetState: { domain },
    domainGetInfo: { domain },
    domainGetBlockInfo: { domain, path: "vda" },
    domainGetVcpusFlags: { domain },
    connectGetAllDomainStats: { domains: [], stats: 0 },
    domainGetJobInfo: { domain },
    domainAbortJob: { domain },
    domainCreateXml: { xml },
    domainCreateWithFlags: { domain },
    domainReboot: { domain },
    domainReset: { domain },
    domainSuspend: { domain },
    domainResume: { domain },
    domainHasManagedSaveImage: { domain },
    domainRestoreFlags: { from: "/nothing", xml: undefined },
    domainSaveImageGetXmlDesc: { file: "/nothing" },
    domainSetVcpusFlags: { domain, vcpus: 1 },
    domainSetMemoryFlags: { domain, memory: 1024n },
    domainAttachDeviceFlags: { domain, xml },
    domainDetachDeviceFlags: { domain, xml },
    domainUpdateDeviceFlags: { domain, xml },
    domainBlockResize: { domain, disk: "vda", size: 1n },
    domainInterfaceAddresses: { domain, source: 0 },
    domainAgentCommand: { domain, command: "{}", timeout: 1 },
    domainSnapshotCreateXml: { domain, xml },
    domainListAllSnapshots: { domain },
    domainSnapshotLookupByName: { domain, name: snapshot.name },
    domainSnapshotGetXmlDesc: { snapshot },
    domainHasCurrentSnapshot: { domain },
    domainSnapshotCurrent: { domain },
    domainSnapshotGetParent: { snapshot },
    domainRevertToSnapshot: { snapshot },
    domainBlockCommit: { domain, disk: "vda", bandwidth: 0n },
    domainBlockPull: { domain, path: "vda", bandwidth: 0n },
    domainGetBlockJobInfo: { domain, path: "vda" },
    domainBlockJobAbort: { domain, path: "vda" },
    connectListAllStoragePools: {},
    storagePoolLookupByName: { name: pool.name },
    storagePoolLookupByUuid: { uuid: pool.uuid },
    storagePoolLookupByVolume: { vol },
    storagePoolDefineXml: { xml },
    storagePoolCreateXml: { xml },
    storagePoolCreate: { pool },
    storagePoolBuild: { pool },
    storagePoolRefresh: { pool },
    storagePoolSetAutostart: { pool, autostart: false },
    storagePoolIsActive: { pool },
    storagePoolGetInfo: { pool },
    storagePoolGetXmlDesc: { pool },
    storagePoolListAllVolumes: { pool },
    storageVolLookupByName: { pool, name: vol.name },
    storageVolLookupByPath: { path: vol.key },
    storageVolCreateXml: { pool, xml },
    storageVolCreateXmlFrom: { pool, xml, source: vol },
    storageVolResize: { vol, capacity: 1n },
    storageVolGetInfo: { vol },
    storageVolGetPath: { vol },
    storageVolGetXmlDesc: { vol },
    connectListAllNetworks: {},
    networkLookupByName: { name: network.name },
    networkLookupByUuid: { uuid: network.uuid },
    networkGetXmlDesc: { network },
    networkIsActive: { network },
    networkGetBridgeName: { network },
    networkGetDhcpLeases: { network },

    storageVolDelete: { vol },
    domainSnapshotDelete: { snapshot },
    domainManagedSave: { domain },
    domainManagedSaveRemove: { domain },
    domainShutdownFlags: { domain },
    domainDestroyFlags: { domain },
    domainUndefineFlags: { domain },
    storagePoolDestroy: { pool },
    storagePoolUndefine: { pool },
  };
}
