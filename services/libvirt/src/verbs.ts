import { Feature } from "@virtrigaud/proto";

/** What this provider does beyond a VM's knobs, with libvirt's name of what does it. */
export const verbs: ReadonlyMap<Feature, string> = new Map([
  [Feature.POWER, "domainCreateWithFlags, domainDestroyFlags, domainReboot, domainReset"],
  [Feature.POWER_GRACEFUL_OFF, "domainShutdownFlags"],
  [Feature.POWER_SUSPEND, "domainManagedSave"],
  [Feature.HOST_CHECK, "connectGetDomainCapabilities, connectBaselineHypervisorCPU"],
  [Feature.PLAN, "mapping without a call"],
  [Feature.ADOPT, "domainSetMetadata"],
  [Feature.WATCH, "connectDomainEventRegisterAny"],
  [Feature.RECONFIGURE, "domainDefineXMLFlags"],
  [Feature.RECONFIGURE_LIVE, "domainSetVcpusFlags, domainAttachDeviceFlags"],
  [Feature.DISK_GROW, "storageVolResize, domainBlockResize"],
  [Feature.CLONE_FULL, "storageVolCreateXMLFrom"],
  [Feature.CLONE_LINKED, "volume/backingStore"],
  [Feature.SNAPSHOT, "domainSnapshotCreateXML"],
  [Feature.SNAPSHOT_MEMORY, "domainsnapshot/memory"],
  [Feature.SNAPSHOT_QUIESCE, "VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE"],
  [Feature.IMAGE_PREPARE, "storageVolUpload"],
  [Feature.NESTING_VERIFICATION, "guest agent: guest-exec"],
  [Feature.CONSOLE, "domain/devices/graphics"],
  [Feature.USAGE, "connectGetAllDomainStats"],
  [Feature.CANCEL_OPERATION, "domainAbortJob, streamAbort"],
]);
