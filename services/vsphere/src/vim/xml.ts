import { create } from "xmlbuilder2";
import { type SoapElement, toSoap } from "./order.ts";

const NAMESPACES = {
  xmlns: "urn:vim25",
  "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
  "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
};

/**
 * A data object as it travels, indented, under an element named like its type. Throws like `toSoap`.
 * Nothing is left out: redact guestinfo values before showing a spec that has them.
 */
export function renderXml(typeName: string, value: object): string {
  const root: Parent = create().ele(typeName, NAMESPACES);
  appendChildren(root, toSoap(typeName, value));
  return root.end({ headless: true, prettyPrint: true });
}

type Parent = ReturnType<ReturnType<typeof create>["ele"]>;

function appendChildren(parent: Parent, element: SoapElement): void {
  for (const [name, child] of Object.entries(element)) {
    if (name === "attributes") continue;
    for (const item of Array.isArray(child) ? child : [child as SoapElement]) append(parent, name, item);
  }
}

function append(parent: Parent, name: string, { $value, ...element }: SoapElement): void {
  const node = parent.ele(name, element.attributes ?? {});
  if ($value === undefined) appendChildren(node, element);
  // The library decodes entities in what it is given: "&#10;" would become a line break.
  else node.txt($value.replaceAll("&", "&amp;"));
}
