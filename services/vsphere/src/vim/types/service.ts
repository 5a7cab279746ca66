import type { ManagedObjectReference } from "./reference.ts";

export interface AboutInfo {
  name: string;
  fullName: string;
  vendor: string;
  version: string;
  build: string;
  osType: string;
  productLineId: string;
  /** "VirtualCenter" or "HostAgent" (a lone ESXi host). */
  apiType: string;
  /** Newest API version the server speaks, e.g. "8.0.2.0". */
  apiVersion: string;
  instanceUuid?: string;
}

/** The server's singletons. Everything that a lone ESXi host lacks is optional. */
export interface ServiceContent {
  rootFolder: ManagedObjectReference<"Folder">;
  propertyCollector: ManagedObjectReference<"PropertyCollector">;
  viewManager: ManagedObjectReference<"ViewManager">;
  about: AboutInfo;
  sessionManager: ManagedObjectReference<"SessionManager">;
  taskManager?: ManagedObjectReference<"TaskManager">;
  searchIndex: ManagedObjectReference<"SearchIndex">;
  fileManager?: ManagedObjectReference<"FileManager">;
  virtualDiskManager?: ManagedObjectReference<"VirtualDiskManager">;
  vmCompatibilityChecker?: ManagedObjectReference<"VirtualMachineCompatibilityChecker">;
  guestOperationsManager?: ManagedObjectReference<"GuestOperationsManager">;
  cryptoManager?: ManagedObjectReference<"CryptoManager" | "CryptoManagerKmip">;
}

export interface UserSession {
  key: string;
  userName: string;
  loginTime: string;
  lastActiveTime: string;
}
