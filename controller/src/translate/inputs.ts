import type { Provider } from "../api/provider.ts";
import type { Secret } from "../api/secret.ts";
import type { VirtualMachine } from "../api/virtual-machine.ts";
import type { VMClass } from "../api/vm-class.ts";
import type { VMImage } from "../api/vm-image.ts";
import type { VMNetworkAttachment } from "../api/vm-network-attachment.ts";

/** A VirtualMachine with everything that it refers to. */
export interface Inputs {
  readonly vm: VirtualMachine;
  readonly vmClass: VMClass;
  readonly provider: Provider;
  readonly image: VMImage | undefined;
  /** Attachments of `vm.spec.networks`, in the same order; undefined where a network names none. */
  readonly attachments: readonly (VMNetworkAttachment | undefined)[];
  /** Secrets of the VM's namespace that its user data and metadata name, by name. */
  readonly secrets: ReadonlyMap<string, Secret>;
}
