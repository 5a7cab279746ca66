import type { UnaryHandler } from "@virtrigaud/kit";
import type { Cluster } from "../cluster.ts";
import { capabilities } from "../mapping/capabilities.ts";
import { verbs } from "../verbs.ts";

export const getCapabilities =
  (cluster: Cluster): UnaryHandler<"getCapabilities"> =>
  async (_request, { signal }) => ({
    capabilities: capabilities(await cluster.inventory({ signal }), cluster.settings, verbs),
  });
