/** Where a VM's life stands, in one word. */
export type Phase =
  | "Pending"
  | "Provisioning"
  | "Running"
  | "Stopped"
  | "Reconfiguring"
  | "Deleting"
  | "Failed";

/** A fact that may be unknown. */
export type Truth = "True" | "False" | "Unknown";

/** What a condition is about. */
export type ConditionType =
  | "Ready"
  | "Provisioned"
  | "ProviderAvailable"
  | "NestedVirtualization"
  | "LiveMigratable"
  | "RestartRequired";

/** One answer about a VM, with its reason for machines and its message for people. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: Truth;
  readonly reason: string;
  readonly message: string;
  /** When `status` last changed, RFC 3339. */
  readonly lastTransitionTime: string;
}

/** The four separate senses of nested virtualization, as the provider answered them. */
export interface NestedReport {
  readonly requested: Truth;
  readonly hostCapable: Truth;
  readonly configured: Truth;
  readonly verified: Truth;
  /** The hypervisor's name of the setting. */
  readonly mechanism?: string;
  /** "vmx" or "svm". */
  readonly cpuFeature?: string;
  /** At least so many levels below the physical host. */
  readonly level?: number;
  readonly reason: string;
  readonly message: string;
  /** The lines that the answers rest on. */
  readonly evidence?: readonly string[];
  /** When the guest was last proven or disproven, RFC 3339. */
  readonly verifiedAt?: string;
}

/** Status of a VirtualMachine. Holds what changes rarely: no counters, no clocks but the transitions, no secrets. */
export interface VirtualMachineStatus {
  readonly phase: Phase;
  /** Native identity. */
  readonly id?: string;
  readonly powerState?: "On" | "Off" | "Suspended" | "Paused" | "Unknown";
  readonly ips?: readonly string[];
  /** Native details by name: the host that the VM is on. */
  readonly provider?: Readonly<Record<string, string>>;
  readonly currentResources?: { readonly cpu: number; readonly memoryMiB: number };
  readonly nestedVirtualization?: NestedReport;
  /** Operation that is under way, by which a restarted controller continues. */
  readonly lastTaskRef?: string;
  /** Digest of the declaration that the VM was completed from. Absent until it was complete for the first time. */
  readonly specDigest?: string;
  readonly conditions: readonly Condition[];
}
