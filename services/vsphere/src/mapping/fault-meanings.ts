/** What a fault means to the caller: a canonical code by name, a reason, and what to do about it. */
export interface FaultMeaning {
  code:
    | "FAILED_PRECONDITION"
    | "ABORTED"
    | "RESOURCE_EXHAUSTED"
    | "NOT_FOUND"
    | "ALREADY_EXISTS"
    | "UNAVAILABLE"
    | "INVALID_ARGUMENT"
    | "CANCELLED";
  reason: string;
  remedy: string;
}

/** A refusal by a fault that the table does not list. */
export const unlisted: FaultMeaning = {
  code: "FAILED_PRECONDITION",
  reason: "HYPERVISOR_FAULT",
  remedy: "vCenter's own words are all there is to go by",
};

type Row = readonly [
  code: FaultMeaning["code"],
  reason: string,
  remedy: string,
  faultTypes: readonly string[],
];

/** Source: the vSphere Web Services API reference. Faults are matched by their own type, for a fault does not tell its bases. */
const rows: readonly Row[] = [
  [
    "FAILED_PRECONDITION",
    "HYPERVISOR_PERMISSION",
    "give the provider's vCenter account the missing privilege",
    ["NoPermission", "RestrictedByAdministrator"],
  ],
  [
    "FAILED_PRECONDITION",
    "HYPERVISOR_CREDENTIALS",
    "correct username and password in the credentials secret",
    ["InvalidLogin", "PasswordExpired"],
  ],
  [
    "FAILED_PRECONDITION",
    "HYPERVISOR_LICENSE",
    "the license of vCenter or the host does not cover this",
    [
      "RestrictedVersion",
      "NotEnoughLicenses",
      "LicenseExpired",
      "LicenseRestricted",
      "ExpiredFeatureLicense",
    ],
  ],
  [
    "UNAVAILABLE",
    "HYPERVISOR_SESSION",
    "vCenter drops the session again and again; repeat the call, and look at vCenter's session limits",
    ["NotAuthenticated"],
  ],
  ["NOT_FOUND", "NOT_FOUND", "it was removed meanwhile; repeat the call", ["ManagedObjectNotFound"]],
  [
    "ALREADY_EXISTS",
    "NAME_TAKEN",
    "another object has the name; choose another name or folder",
    ["DuplicateName", "AlreadyExists"],
  ],
  [
    "ALREADY_EXISTS",
    "NAME_TAKEN",
    "files of that name are on the datastore; remove them or choose another name",
    ["FileAlreadyExists"],
  ],
  [
    "ABORTED",
    "POWER_STATE",
    "the power state changed meanwhile; look and repeat the call",
    ["InvalidPowerState"],
  ],
  [
    "ABORTED",
    "INVALID_STATE",
    "the VM or its host is in a state that does not allow it; look and repeat the call",
    ["InvalidState", "InvalidVmState", "InvalidHostState", "InvalidDatastoreState"],
  ],
  [
    "FAILED_PRECONDITION",
    "VM_PROTECTED",
    "vCenter has this operation switched off for the VM, as backups and administrators do; call again once it is on",
    ["MethodDisabled"],
  ],
  [
    "FAILED_PRECONDITION",
    "QUESTION_PENDING",
    "the VM waits for an answer to a question; answer it in vCenter",
    ["QuestionPending"],
  ],
  [
    "ABORTED",
    "BUSY",
    "another task works on the object; repeat the call",
    ["TaskInProgress", "VAppTaskInProgress", "ConcurrentAccess", "FileLocked"],
  ],
  [
    "FAILED_PRECONDITION",
    "CONFLICTING_OPTIONS",
    "vCenter refuses CPU hot-add for this VM, with nested virtualization on older releases; set cpuHotAddEnabled: false",
    ["CpuHotPlugNotSupported"],
  ],
  [
    "FAILED_PRECONDITION",
    "CONFLICTING_OPTIONS",
    "vCenter refuses memory hot-add for this VM; set memoryHotAddEnabled: false",
    ["MemoryHotPlugNotSupported"],
  ],
  [
    "FAILED_PRECONDITION",
    "CONFIGURATION_REFUSED",
    "vCenter's own check refuses this configuration; the fault names the setting",
    [
      "VmConfigFault",
      "InvalidVmConfig",
      "GenericVmConfigFault",
      "InvalidArgument",
      "InvalidRequest",
      "InvalidController",
      "InvalidDeviceSpec",
      "InvalidDeviceBacking",
      "InvalidDeviceOperation",
      "InvalidFormat",
      "InvalidPropertyValue",
      "MissingController",
      "TooManyDevices",
      "DeviceNotSupported",
      "DeviceBackingNotSupported",
      "DeviceControllerNotSupported",
      "DeviceUnsupportedForVmVersion",
      "DiskNotSupported",
      "UnsupportedDatastore",
      "UnsupportedGuest",
      "UnsupportedVmxLocation",
      "VirtualDiskModeNotSupported",
      "VirtualEthernetCardNotSupported",
      "VirtualHardwareCompatibilityIssue",
      "VirtualHardwareVersionNotSupported",
      "MemorySizeNotSupported",
      "MemorySizeNotRecommended",
      "NumVirtualCpusNotSupported",
      "NumVirtualCpusIncompatible",
      "NotEnoughCpus",
      "NotEnoughLogicalCpus",
      "CpuIncompatible",
      "CpuCompatibilityUnknown",
      "FeatureRequirementsNotMet",
      "CannotUseNetwork",
      "CannotAccessNetwork",
      "NotSupported",
      "OperationNotSupportedByGuest",
    ],
  ],
  ["INVALID_ARGUMENT", "INVALID_NAME", "vCenter does not take this name", ["InvalidName"]],
  [
    "FAILED_PRECONDITION",
    "CAPACITY",
    "free resources, lower the reservations, or choose another host or pool",
    [
      "InsufficientResourcesFault",
      "InsufficientCpuResourcesFault",
      "InsufficientMemoryResourcesFault",
      "InsufficientHostCapacityFault",
      "InsufficientHostCpuCapacityFault",
      "InsufficientHostMemoryCapacityFault",
      "InsufficientPerCpuCapacity",
      "InsufficientFailoverResourcesFault",
      "InsufficientStandbyResource",
      "NumVirtualCpusExceedsLimit",
      "NoCompatibleHost",
      "NoActiveHostInCluster",
    ],
  ],
  [
    "RESOURCE_EXHAUSTED",
    "STORAGE_FULL",
    "free space on the datastore or choose another one",
    ["NoDiskSpace", "InsufficientStorageSpace"],
  ],
  [
    "FAILED_PRECONDITION",
    "DATASTORE_READ_ONLY",
    "the host mounts the datastore read-only; mount it for writing or choose another one",
    ["DatastoreNotWritableOnHost"],
  ],
  [
    "UNAVAILABLE",
    "HOST_UNREACHABLE",
    "vCenter cannot reach the host or datastore; repeat the call once it can",
    [
      "InaccessibleDatastore",
      "InvalidDatastore",
      "CannotAccessFile",
      "CannotAccessVmComponent",
      "CannotAccessVmConfig",
      "CannotAccessVmDisk",
      "HostNotConnected",
      "HostNotReachable",
      "HostCommunication",
      "InvalidHostConnectionState",
    ],
  ],
  [
    "FAILED_PRECONDITION",
    "GUEST_AGENT_MISSING",
    "VMware Tools do not run in the guest; start them or power the VM off",
    ["ToolsUnavailable"],
  ],
  [
    "FAILED_PRECONDITION",
    "KEY_PROVIDER_MISSING",
    "add a key provider under vCenter > Configure > Key Providers, and see that the host gets its keys",
    ["EncryptionKeyRequired"],
  ],
  ["CANCELLED", "CANCELLED", "the task was cancelled", ["RequestCanceled"]],
  ["UNAVAILABLE", "HYPERVISOR_TIMEOUT", "vCenter gave up waiting; repeat the call", ["Timedout"]],
];

/** vim25 faults by type. */
export const meanings: ReadonlyMap<string, FaultMeaning> = new Map(
  rows.flatMap(([code, reason, remedy, faultTypes]) =>
    faultTypes.map((faultType) => [faultType, { code, reason, remedy }] as const),
  ),
);
