import type {
  GuestInfo,
  ManagedObjectReference,
  OptionValue,
  VirtualMachineConfigInfo,
  VirtualMachineRuntimeInfo,
} from "../vim/types.ts";
import { decodeName } from "./entity-name.ts";
import { type Marker, readMarker } from "./ownership.ts";
import type { ObjectProperties } from "./read-inventory.ts";

const always = ["name", "runtime", "guest.net", "guest.toolsRunningStatus"] as const;
const ownership = [
  "config.template",
  "config.createDate",
  "config.nestedHVEnabled",
  "config.extraConfig",
] as const;

/** Properties of a VM to read. "basic" leaves out its devices, which are most of what a VM answers with. */
export const vmProperties = {
  basic: [...always, ...ownership],
  full: [...always, "config"],
} as const;

/** How much of a VM is read. */
export type Depth = keyof typeof vmProperties;

/** A VM as it was read, before it is put into the contract's words. */
export interface FoundVm {
  ref: ManagedObjectReference<"VirtualMachine">;
  name: string;
  runtime: VirtualMachineRuntimeInfo;
  /** False while the VM is being made and when its files cannot be read: then nothing below is known. */
  isReadable: boolean;
  isTemplate: boolean;
  marker: Marker | undefined;
  nestedHVEnabled: boolean | undefined;
  createDate: string | undefined;
  /** Only of a "full" read. */
  config: VirtualMachineConfigInfo | undefined;
  nics: NonNullable<GuestInfo["net"]>;
  toolsRunning: boolean | undefined;
}

/** Decodes a read of either depth. */
export function readVm({ obj, props }: ObjectProperties): FoundVm {
  const config = props.config as VirtualMachineConfigInfo | undefined;
  const tools = props["guest.toolsRunningStatus"] as string | undefined;
  const part = <K extends keyof VirtualMachineConfigInfo>(field: K) =>
    config?.[field] ?? (props[`config.${field}`] as VirtualMachineConfigInfo[K] | undefined);
  const extraConfig: OptionValue[] = part("extraConfig") ?? [];
  return {
    ref: obj as FoundVm["ref"],
    name: decodeName(props.name),
    runtime: props.runtime as VirtualMachineRuntimeInfo,
    isReadable: part("template") !== undefined,
    isTemplate: part("template") === true,
    marker: readMarker(extraConfig),
    nestedHVEnabled: part("nestedHVEnabled"),
    createDate: part("createDate"),
    config,
    nics: (props["guest.net"] as GuestInfo["net"]) ?? [],
    toolsRunning: tools === undefined ? undefined : tools === "guestToolsRunning",
  };
}
