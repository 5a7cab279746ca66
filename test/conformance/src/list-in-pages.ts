import { ListVMsRequest, type VM } from "@virtrigaud/proto";
import type { CaseContext } from "./case-context.ts";
import { expect } from "./expect.ts";

/** So many pages hold one VM each; a large inventory's rest is read faster. */
const singlePages = 30;

/** Lists the owned VMs, one by page at first, doing something after each page. */
export async function listInPages(
  { provider, signal }: CaseContext,
  afterPage: () => Promise<void> = async () => {},
): Promise<VM[]> {
  const listed: VM[] = [];
  let pageToken = "";
  for (let page = 0; page === 0 || pageToken !== ""; page += 1) {
    const pageSize = page < singlePages ? 1 : 500;
    const answer = await provider.listVMs(ListVMsRequest.fromPartial({ pageSize, pageToken }), { signal });
    expect(answer.vms.length <= pageSize, `page_size ${pageSize}: got ${answer.vms.length} VMs`);
    listed.push(...answer.vms);
    pageToken = answer.nextPageToken;
    await afterPage();
  }
  return listed;
}
