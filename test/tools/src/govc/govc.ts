import { run } from "../go/run.ts";
import type { Vcsim } from "../vcsim/start.ts";
import { buildGovc } from "./build.ts";

/**
 * Runs govmomi's command line against a simulated vCenter and gives its output, e.g. `govc(vcsim, "find", "/", "-type", "m")`.
 * @throws Error with govc's message when it fails; GoProgramUnavailable when it cannot be built here.
 */
export async function govc(
  vcsim: Pick<Vcsim, "url" | "username" | "password">,
  ...args: string[]
): Promise<string> {
  const binary = await buildGovc((message) => console.error(message));
  const env = {
    GOVC_URL: vcsim.url,
    GOVC_USERNAME: vcsim.username,
    GOVC_PASSWORD: vcsim.password,
    GOVC_INSECURE: "true",
    GOVC_PERSIST_SESSION: "false",
  };
  return run(binary, args, { env });
}

/** Properties of one managed object, named by inventory path or `Type:id`, as vSphere's JSON; arrays come unwrapped. */
export async function govcCollect(
  vcsim: Pick<Vcsim, "url" | "username" | "password">,
  object: string,
  ...properties: string[]
): Promise<Record<string, unknown>> {
  const changes: unknown = JSON.parse(await govc(vcsim, "collect", "-json", object, ...properties));
  return Object.fromEntries(
    (changes as { name: string; val: unknown }[]).map(({ name, val }) => [name, unwrap(val)]),
  );
}

function unwrap(value: unknown): unknown {
  return typeof value === "object" && value !== null && "_value" in value ? value._value : value;
}
