import {
  askGuest as ask,
  type GuestAgent,
  type GuestReport,
  type Patience,
} from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import type { Pve } from "../client/index.ts";
import type { Place } from "../known-vms.ts";
import { membersOf } from "../mapping/json.ts";
import { agentOf } from "./agent.ts";
import { guestExec } from "./exec.ts";

/**
 * Asks a VM's guest, by Proxmox VE's way to its agent, whether it can run virtual machines.
 * @throws what is not about the guest: the node unreachable, the VM off or gone, a missing privilege, the signal's reason.
 */
export function askGuest(pve: Pve, vm: Place, call: Call, patience?: Patience): Promise<GuestReport> {
  const agent: GuestAgent = {
    async ask(execute, waiting) {
      const answer = await agentOf(pve, vm, waiting, (commands) =>
        execute === "guest-info" ? commands.info.$get() : commands["get-osinfo"].$get(),
      );
      return membersOf(answer).result;
    },
    run: (program, waiting) => guestExec(pve, vm, program, waiting),
  };
  return ask(agent, call, patience);
}
