import type { ProviderConnection } from "@virtrigaud/kit/client";
import type { GuestCredentials, VMSpec } from "@virtrigaud/proto";
import type { ImageOrder } from "../images/order.ts";
import type { ImagePreparations } from "../images/preparations.ts";
import type { NestingProofs } from "../nesting/proofs.ts";

/** What steps on one VM act with. */
export interface Actor {
  /** The VM, as queues call it. */
  readonly key: string;
  readonly connection: ProviderConnection;
  readonly uid: string;
  readonly controllerId: string;
  /** The VM as it shall be; undefined when it shall go. */
  readonly spec: VMSpec | undefined;
  /** Digest of `spec`. */
  readonly digest: string | undefined;
  /** What has to be fetched before the VM can be made; undefined: nothing. */
  readonly image: ImageOrder | undefined;
  readonly images: ImagePreparations;
  /** Whether the provider changes VMs. */
  readonly reconfigurable: boolean;
  readonly proofs: NestingProofs;
  /** Account in the guest for proofs; undefined: whatever works without. */
  readonly guestCredentials: GuestCredentials | undefined;
  readonly signal: AbortSignal;
}
