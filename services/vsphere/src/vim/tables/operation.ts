import type { OperationName, Operations } from "../operations.ts";
import type { TypeDef } from "../type-def.ts";
import { define } from "../type-def.ts";

/** Wire shape of an operation: its arguments in schema order, and the schema type of its answer. */
export interface OperationDef {
  readonly args: TypeDef;
  readonly returns: string | undefined;
}

const ref = "ManagedObjectReference";

/** Every operation needs an entry here, in operations.ts and in wsdl/vim25.wsdl. */
export const operationTable: { readonly [M in OperationName]: OperationDef } = {
  RetrieveServiceContent: op<"RetrieveServiceContent">({}, "ServiceContent"),
  CurrentTime: op<"CurrentTime">({}, "dateTime"),
  Login: op<"Login">({ userName: "string", password: "string" }, "UserSession"),
  Logout: op<"Logout">({}),
  CreateContainerView: op<"CreateContainerView">(
    { container: ref, type: "string[]", recursive: "boolean" },
    ref,
  ),
  DestroyView: op<"DestroyView">({}),
  CreateFilter: op<"CreateFilter">({ spec: "PropertyFilterSpec", partialUpdates: "boolean" }, ref),
  DestroyPropertyFilter: op<"DestroyPropertyFilter">({}),
  WaitForUpdatesEx: op<"WaitForUpdatesEx">({ version: "string", options: "WaitOptions" }, "UpdateSet"),
  CancelWaitForUpdates: op<"CancelWaitForUpdates">({}),
  RetrievePropertiesEx: op<"RetrievePropertiesEx">(
    { specSet: "PropertyFilterSpec[]", options: "RetrieveOptions" },
    "RetrieveResult",
  ),
  ContinueRetrievePropertiesEx: op<"ContinueRetrievePropertiesEx">({ token: "string" }, "RetrieveResult"),
  FindByUuid: op<"FindByUuid">(
    { datacenter: ref, uuid: "string", vmSearch: "boolean", instanceUuid: "boolean" },
    ref,
  ),
  FindAllByUuid: op<"FindAllByUuid">(
    { datacenter: ref, uuid: "string", vmSearch: "boolean", instanceUuid: "boolean" },
    `${ref}[]`,
  ),
  FindByInventoryPath: op<"FindByInventoryPath">({ inventoryPath: "string" }, ref),
  FindChild: op<"FindChild">({ entity: ref, name: "string" }, ref),
  CreateVM_Task: op<"CreateVM_Task">({ config: "VirtualMachineConfigSpec", pool: ref, host: ref }, ref),
  CreateFolder: op<"CreateFolder">({ name: "string" }, ref),
  CloneVM_Task: op<"CloneVM_Task">({ folder: ref, name: "string", spec: "VirtualMachineCloneSpec" }, ref),
  ReconfigVM_Task: op<"ReconfigVM_Task">({ spec: "VirtualMachineConfigSpec" }, ref),
  PowerOnVM_Task: op<"PowerOnVM_Task">({ host: ref }, ref),
  PowerOffVM_Task: op<"PowerOffVM_Task">({}, ref),
  ResetVM_Task: op<"ResetVM_Task">({}, ref),
  SuspendVM_Task: op<"SuspendVM_Task">({}, ref),
  ShutdownGuest: op<"ShutdownGuest">({}),
  RebootGuest: op<"RebootGuest">({}),
  UnregisterVM: op<"UnregisterVM">({}),
  Destroy_Task: op<"Destroy_Task">({}, ref),
  CreateSnapshot_Task: op<"CreateSnapshot_Task">(
    { name: "string", description: "string", memory: "boolean", quiesce: "boolean" },
    ref,
  ),
  RevertToSnapshot_Task: op<"RevertToSnapshot_Task">({ suppressPowerOn: "boolean" }, ref),
  RemoveSnapshot_Task: op<"RemoveSnapshot_Task">({ removeChildren: "boolean", consolidate: "boolean" }, ref),
  CancelTask: op<"CancelTask">({}),
  QueryConfigOptionEx: op<"QueryConfigOptionEx">(
    { spec: "EnvironmentBrowserConfigOptionQuerySpec" },
    "VirtualMachineConfigOption",
  ),
  CheckVmConfig_Task: op<"CheckVmConfig_Task">(
    { spec: "VirtualMachineConfigSpec", vm: ref, host: ref, pool: ref, testType: "string[]" },
    ref,
  ),
};

function op<M extends OperationName>(
  fields: Parameters<typeof define<Operations[M]["args"]>>[0],
  returns?: string,
): OperationDef {
  const args: TypeDef = { fields: { _this: ref, ...define<Operations[M]["args"]>(fields).fields } };
  return { args, returns };
}
