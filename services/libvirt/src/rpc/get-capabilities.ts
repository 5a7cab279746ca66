import type { UnaryHandler } from "@virtrigaud/kit";
import type { Host } from "../host.ts";
import { capabilities } from "../mapping/capabilities.ts";
import { verbs } from "../verbs.ts";

export const getCapabilities =
  (host: Pick<Host, "facts">): UnaryHandler<"getCapabilities"> =>
  async (_request, { signal }) => ({ capabilities: capabilities(await host.facts({ signal }), verbs) });
