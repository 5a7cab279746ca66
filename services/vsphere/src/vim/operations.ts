import type {
  EnvironmentBrowserConfigOptionQuerySpec,
  ManagedObjectReference,
  PropertyFilterSpec,
  RetrieveOptions,
  RetrieveResult,
  ServiceContent,
  UpdateSet,
  UserSession,
  VirtualMachineCloneSpec,
  VirtualMachineConfigOption,
  VirtualMachineConfigSpec,
  WaitOptions,
} from "./types.ts";

interface Operation<Self extends string, Args, Returns> {
  self: ManagedObjectReference<Self>;
  args: Args;
  returns: Returns;
}

type None = Record<never, never>;
type TaskReference = ManagedObjectReference<"Task">;
type TaskOf<Self extends string, Args = None> = Operation<Self, Args, TaskReference>;

/** SearchIndex look-ups: without `datacenter` in all of them; `instanceUuid` picks vCenter's identity, not SMBIOS. */
interface UuidQuery {
  datacenter?: ManagedObjectReference<"Datacenter">;
  uuid: string;
  vmSearch: boolean;
  instanceUuid?: boolean;
}

/** Every operation the provider calls → on what, with which arguments, and what comes back. */
export interface Operations {
  RetrieveServiceContent: Operation<"ServiceInstance", None, ServiceContent>;
  CurrentTime: Operation<"ServiceInstance", None, string>;
  Login: Operation<"SessionManager", { userName: string; password: string }, UserSession>;
  Logout: Operation<"SessionManager", None, undefined>;

  CreateContainerView: Operation<
    "ViewManager",
    { container: ManagedObjectReference; type?: string[]; recursive: boolean },
    ManagedObjectReference<"ContainerView">
  >;
  DestroyView: Operation<"ContainerView", None, undefined>;
  CreateFilter: Operation<
    "PropertyCollector",
    { spec: PropertyFilterSpec; partialUpdates: boolean },
    ManagedObjectReference<"PropertyFilter">
  >;
  DestroyPropertyFilter: Operation<"PropertyFilter", None, undefined>;
  /** Answers undefined when `maxWaitSeconds` pass without a change. */
  WaitForUpdatesEx: Operation<
    "PropertyCollector",
    { version?: string; options?: WaitOptions },
    UpdateSet | undefined
  >;
  CancelWaitForUpdates: Operation<"PropertyCollector", None, undefined>;
  /** Answers undefined when no object matches. */
  RetrievePropertiesEx: Operation<
    "PropertyCollector",
    { specSet: PropertyFilterSpec[]; options: RetrieveOptions },
    RetrieveResult | undefined
  >;
  ContinueRetrievePropertiesEx: Operation<"PropertyCollector", { token: string }, RetrieveResult>;

  FindByUuid: Operation<"SearchIndex", UuidQuery, ManagedObjectReference | undefined>;
  FindAllByUuid: Operation<"SearchIndex", UuidQuery, ManagedObjectReference[]>;
  FindByInventoryPath: Operation<
    "SearchIndex",
    { inventoryPath: string },
    ManagedObjectReference | undefined
  >;
  FindChild: Operation<
    "SearchIndex",
    { entity: ManagedObjectReference; name: string },
    ManagedObjectReference | undefined
  >;

  CreateVM_Task: TaskOf<
    "Folder",
    {
      config: VirtualMachineConfigSpec;
      pool: ManagedObjectReference<"ResourcePool">;
      host?: ManagedObjectReference<"HostSystem">;
    }
  >;
  CreateFolder: Operation<"Folder", { name: string }, ManagedObjectReference<"Folder">>;
  CloneVM_Task: TaskOf<
    "VirtualMachine",
    { folder: ManagedObjectReference<"Folder">; name: string; spec: VirtualMachineCloneSpec }
  >;
  ReconfigVM_Task: TaskOf<"VirtualMachine", { spec: VirtualMachineConfigSpec }>;
  PowerOnVM_Task: TaskOf<"VirtualMachine", { host?: ManagedObjectReference<"HostSystem"> }>;
  PowerOffVM_Task: TaskOf<"VirtualMachine">;
  ResetVM_Task: TaskOf<"VirtualMachine">;
  SuspendVM_Task: TaskOf<"VirtualMachine">;
  ShutdownGuest: Operation<"VirtualMachine", None, undefined>;
  RebootGuest: Operation<"VirtualMachine", None, undefined>;
  UnregisterVM: Operation<"VirtualMachine", None, undefined>;
  Destroy_Task: TaskOf<"VirtualMachine" | "Folder">;

  CreateSnapshot_Task: TaskOf<
    "VirtualMachine",
    { name: string; description?: string; memory: boolean; quiesce: boolean }
  >;
  RevertToSnapshot_Task: TaskOf<"VirtualMachineSnapshot", { suppressPowerOn?: boolean }>;
  RemoveSnapshot_Task: TaskOf<"VirtualMachineSnapshot", { removeChildren: boolean; consolidate?: boolean }>;

  CancelTask: Operation<"Task", None, undefined>;
  QueryConfigOptionEx: Operation<
    "EnvironmentBrowser",
    { spec?: EnvironmentBrowserConfigOptionQuerySpec },
    VirtualMachineConfigOption | undefined
  >;
  CheckVmConfig_Task: TaskOf<
    "VirtualMachineCompatibilityChecker",
    {
      spec: VirtualMachineConfigSpec;
      vm?: ManagedObjectReference<"VirtualMachine">;
      host?: ManagedObjectReference<"HostSystem">;
      pool?: ManagedObjectReference<"ResourcePool">;
      testType?: string[];
    }
  >;
}

export type OperationName = keyof Operations;
