import type { Provider } from "../api/provider.ts";
import { findCommand } from "../children/find-command.ts";
import { providerCommand } from "../children/provider-command.ts";
import { UnavailableError } from "./unavailable.ts";

/**
 * Path of the daemon for a type of hypervisor.
 * @throws UnavailableError when there is none or it is not installed
 */
export async function installedCommand(
  type: Provider["spec"]["type"],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const name = providerCommand(type);
  if (name === undefined) {
    throw new UnavailableError(
      "NotAvailable",
      `VirtRigaud has no provider for type ${type}: run one that speaks virtrigaud.provider.v1 and name it in spec.runtime.endpoint`,
      true,
    );
  }
  const path = await findCommand(name, env.PATH);
  if (path === undefined) {
    throw new UnavailableError(
      "NotInstalled",
      `${name} is not on PATH, so this build has no provider for type ${type}: install it, or name a running one in spec.runtime.endpoint`,
      true,
    );
  }
  return path;
}
