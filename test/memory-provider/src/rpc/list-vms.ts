import type { ListVMsRequest, ListVMsResponse } from "@virtrigaud/proto";
import type { Context } from "../context.ts";
import { invalid } from "../fault.ts";
import { observe } from "../mapping/observe.ts";
import { check } from "../mapping/validate.ts";

/** ListVMs: by the inventory's order, so that a page stays right while machines come and go. */
export function listVMs({ hypervisor }: Context, request: ListVMsRequest): ListVMsResponse {
  const { pageSize, pageToken, view, includeUnowned } = request;
  const after = position(pageToken);
  const violations = check([
    ["page_size", pageSize <= 1000, "must be 1 to 1,000, or 0 for 100"],
    ["page_token", after !== undefined, "is not a token of this provider"],
  ]);
  if (after === undefined || violations.length > 0) throw invalid(violations);
  const limit = pageSize || 100;
  const page = hypervisor.inventory.after(after, limit + 1);
  const shown = page.slice(0, limit);
  return {
    vms: shown
      .filter((machine) => includeUnowned || machine.marker)
      .map((machine) => observe(hypervisor, machine, view)),
    nextPageToken: page.length > limit ? `after:${shown.at(-1)?.sequence}` : "",
  };
}

function position(token: string): number | undefined {
  if (token === "") return 0;
  return /^after:\d{1,15}$/.test(token) ? Number(token.slice("after:".length)) : undefined;
}
