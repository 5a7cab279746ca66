import {
  askGuest as ask,
  type GuestAgent,
  type GuestReport,
  type Patience,
} from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import type { Domain, Libvirt } from "../client/index.ts";
import { askAgent } from "./agent.ts";
import { askFiles } from "./ask-files.ts";
import { guestExec } from "./exec.ts";

/**
 * Asks a guest, by libvirt's channel to its agent, whether it can run virtual machines.
 * @throws what is not about the guest: libvirtd unreachable, the VM off or gone, the signal's reason.
 */
export function askGuest(
  libvirt: Libvirt,
  domain: Domain,
  call: Call,
  patience?: Patience,
): Promise<GuestReport> {
  const agent: GuestAgent = {
    ask: (execute, waiting) => askAgent(libvirt, domain, execute, {}, waiting),
    run: (program, waiting) => guestExec(libvirt, domain, program, waiting),
    readFacts: (waiting) => askFiles(libvirt, domain, waiting),
  };
  return ask(agent, call, patience);
}
