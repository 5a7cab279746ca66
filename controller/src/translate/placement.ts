import type { Placement } from "@virtrigaud/proto";
import type { Provider } from "../api/provider.ts";
import type { VirtualMachine } from "../api/virtual-machine.ts";

/** The VM's own placement, completed field by field with the Provider's defaults; undefined when neither says anything. */
export function placement(vm: VirtualMachine, provider: Provider): Placement | undefined {
  const { defaults = {} } = provider.spec;
  const { placement: own = {} } = vm.spec;
  const merged: Placement = {
    cluster: own.cluster ?? defaults.cluster ?? "",
    host: own.host ?? "",
    datastore: own.datastore ?? defaults.datastore ?? "",
    folder: own.folder ?? defaults.folder ?? "",
    resourcePool: own.resourcePool ?? defaults.resourcePool ?? "",
    datacenter: "",
  };
  return Object.values(merged).some((value) => value !== "") ? merged : undefined;
}
