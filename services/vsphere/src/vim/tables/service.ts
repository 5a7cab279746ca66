import { define, type TypeDef } from "../type-def.ts";
import type * as vim from "../types.ts";

const ref = "ManagedObjectReference";

/** The server itself, its sessions, tasks and faults. */
export const serviceTypes: Record<string, TypeDef> = {
  ServiceContent: define<vim.ServiceContent>({
    rootFolder: ref,
    propertyCollector: ref,
    viewManager: ref,
    about: "AboutInfo",
    sessionManager: ref,
    taskManager: ref,
    searchIndex: ref,
    fileManager: ref,
    virtualDiskManager: ref,
    vmCompatibilityChecker: ref,
    guestOperationsManager: ref,
    cryptoManager: ref,
  }),
  AboutInfo: define<vim.AboutInfo>({
    name: "string",
    fullName: "string",
    vendor: "string",
    version: "string",
    build: "string",
    osType: "string",
    productLineId: "string",
    apiType: "string",
    apiVersion: "string",
    instanceUuid: "string",
  }),
  UserSession: define<vim.UserSession>({
    key: "string",
    userName: "string",
    loginTime: "dateTime",
    lastActiveTime: "dateTime",
  }),
  TaskInfo: define<vim.TaskInfo>({
    key: "string",
    task: ref,
    description: "LocalizableMessage",
    name: "string",
    descriptionId: "string",
    entity: ref,
    entityName: "string",
    state: "string",
    cancelled: "boolean",
    cancelable: "boolean",
    error: "LocalizedMethodFault",
    result: "anyType",
    progress: "int",
    queueTime: "dateTime",
    startTime: "dateTime",
    completeTime: "dateTime",
    eventChainId: "int",
  }),
  // Faults come in hundreds of types: each decodes as this one, with its own fields as found beside these.
  MethodFault: { fields: { faultCause: "LocalizedMethodFault", faultMessage: "LocalizableMessage[]" } },
  LocalizedMethodFault: define<vim.LocalizedMethodFault>({
    fault: "MethodFault",
    localizedMessage: "string",
  }),
  LocalizableMessage: define<vim.LocalizableMessage>({
    key: "string",
    arg: "KeyAnyValue[]",
    message: "string",
  }),
  KeyAnyValue: define<vim.KeyAnyValue>({ key: "string", value: "anyType" }),
  CheckResult: define<vim.CheckResult>({
    vm: ref,
    host: ref,
    warning: "LocalizedMethodFault[]",
    error: "LocalizedMethodFault[]",
  }),
};
