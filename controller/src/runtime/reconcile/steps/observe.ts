import { ProviderCallError, status as code } from "@virtrigaud/kit/client";
import { View } from "@virtrigaud/proto";
import type { Actor } from "../actor.ts";
import { type Progress, failed } from "../progress.ts";

/** Reads the VM. Only the hypervisor's own NOT_FOUND means that it is gone. */
export async function observe(progress: Progress, actor: Actor): Promise<Progress> {
  const { connection, uid, signal } = actor;
  try {
    const { vm } = await connection.getVm(
      { vm: { reference: { $case: "uid", value: uid } }, view: View.FULL },
      { signal },
    );
    return { ...progress, observed: vm };
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === code.NOT_FOUND)
      return { ...progress, observed: undefined };
    return failed(error, progress, signal);
  }
}
