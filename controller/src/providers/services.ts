import type { Resource } from "../api/kinds.ts";
import type { Secret } from "../api/secret.ts";
import type { Ref } from "../store/store.ts";

/** What every Provider's supervisor needs of the world around it. */
export interface ProviderServices {
  /** Who the controller is, for the ownership marker of VMs. */
  readonly controllerId: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of credentials by Secret name; undefined: only Secret objects hold them. */
  readonly credentialsFolder: string | undefined;
  /** Objects that simulators are stocked for; undefined: the real hypervisors are meant. */
  readonly simulateFor: (() => readonly Resource[]) | undefined;
  readonly secretOf: (ref: Ref) => Promise<Secret | undefined>;
  /** A line that a daemon or simulator of that Provider wrote. */
  readonly onLine: (provider: Ref, line: string) => void;
}
