import type { PropertyFilterSpec, ServiceContent } from "../vim/types.ts";
import { VimFault } from "./errors.ts";
import { type ObjectContent, toObjectContent } from "./object-content.ts";
import type { SoapPort } from "./soap-port.ts";

/** Objects to an answer, which keeps answers in the low megabytes. */
const PAGE_SIZE = 1000;

/** Reads what `spec` selects, one round trip for every 1,000 objects. */
export async function retrievePages(
  port: SoapPort,
  { propertyCollector, about }: ServiceContent,
  spec: PropertyFilterSpec,
  signal: AbortSignal,
): Promise<ObjectContent[]> {
  const bounds = { signal, apiVersion: about.apiVersion };
  const args = { specSet: [spec], options: { maxObjects: PAGE_SIZE } };
  const contents: ObjectContent[] = [];
  let page = await port.invoke("RetrievePropertiesEx", propertyCollector, args, bounds);
  while (page !== undefined) {
    contents.push(...(page.objects ?? []).map(toObjectContent));
    if (page.token === undefined) break;
    const next = { token: page.token };
    page = await port.invoke("ContinueRetrievePropertiesEx", propertyCollector, next, bounds);
  }
  contents.forEach(refuseExpired);
  return contents;
}

/** A session that ends meanwhile shows as properties missing: that is a fault of the call, not of the object. */
function refuseExpired({ obj, missing }: ObjectContent): void {
  if (!missing.some(({ faultType }) => faultType === "NotAuthenticated")) return;
  throw new VimFault("RetrievePropertiesEx", {
    faultType: "NotAuthenticated",
    faultString: `the session ended while ${obj.type} ${obj.value} was read`,
    detail: {},
  });
}
