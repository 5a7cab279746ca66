import type { UnaryHandler } from "@virtrigaud/kit";
import { capabilities } from "../mapping/capabilities.ts";
import type { Vcenter } from "../vcenter.ts";

export const getCapabilities =
  (vcenter: Vcenter): UnaryHandler<"getCapabilities"> =>
  async (_request, { signal }) => {
    const [about, inventory] = await Promise.all([vcenter.about({ signal }), vcenter.inventory({ signal })]);
    return { capabilities: capabilities(about, inventory) };
  };
