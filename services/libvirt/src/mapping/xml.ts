import { XMLParser } from "fast-xml-parser";
import { create } from "xmlbuilder2";

/** An XML element as libvirt uses them: with text or with children, never both. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Element[];
}

type Content = string | number | readonly (Element | undefined)[];

/** Makes an element; attributes and children that are undefined are left out. */
export function el(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  content: Content = [],
): Element {
  const isText = typeof content === "string" || typeof content === "number";
  return {
    name,
    attributes: Object.fromEntries(
      Object.entries(attributes).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, String(value)] as const],
      ),
    ),
    text: isText ? String(content) : "",
    children: isText ? [] : content.filter((child) => child !== undefined),
  };
}

/** The children of a name along a path: `all(domain, "devices", "disk")`. */
export function all(element: Element | undefined, ...path: readonly string[]): readonly Element[] {
  let found = element === undefined ? [] : [element];
  for (const name of path)
    found = found.flatMap(({ children }) => children.filter((one) => one.name === name));
  return found;
}

/** The first child along a path. */
export const first = (element: Element | undefined, ...path: readonly string[]): Element | undefined =>
  all(element, ...path)[0];

/** The text of the first child along a path; undefined when there is none. */
export const textOf = (element: Element | undefined, ...path: readonly string[]): string | undefined =>
  first(element, ...path)?.text;

/** The text of an element as a number; undefined when there is none. */
export function numberOf(element: Element | undefined, ...path: readonly string[]): number | undefined {
  const text = textOf(element, ...path)?.trim();
  return text === undefined || text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}

/** An element with the local names alone, for those who put it into a namespace themselves. */
export function withoutNamespace({ name, attributes, text, children }: Element): Element {
  const plain = Object.entries(attributes).filter(([key]) => !/^xmlns(?::|$)/.test(key));
  return {
    name: name.slice(name.indexOf(":") + 1),
    attributes: Object.fromEntries(plain),
    text,
    children: children.map(withoutNamespace),
  };
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Entities are decoded below: in one pass, so that "&amp;#10;" stays the text that it is, and never by a DOCTYPE's own.
  processEntities: false,
  cdataPropName: "#cdata",
});

/** Reads what libvirt answers. Throws a SyntaxError on what is not one XML element. */
export function parseXml(xml: string): Element {
  const elements = (parser.parse(xml) as RawNode[]).flatMap(readNode);
  const [root] = elements;
  if (root === undefined || elements.length > 1) throw new SyntaxError("expected one XML element");
  return root;
}

/** As the parser has it: one key is the element's name, ":@" its attributes, "#text" and "#cdata" mark text. */
type RawNode = Readonly<Record<string, unknown>>;

function readNode(node: RawNode): Element[] {
  const name = Object.keys(node).find((key) => key !== ":@");
  if (name === undefined || name.startsWith("#")) return [];
  const inner = node[name] as RawNode[];
  const children = inner.flatMap(readNode);
  const attributes = Object.entries((node[":@"] ?? {}) as Record<string, string>);
  return [
    {
      name,
      attributes: Object.fromEntries(attributes.map(([key, value]) => [key, decode(value)])),
      text: children.length > 0 ? "" : inner.map(readText).join(""),
      children,
    },
  ];
}

function readText(node: RawNode): string {
  const [verbatim] = (node["#cdata"] ?? []) as RawNode[];
  return verbatim === undefined ? decode(String(node["#text"] ?? "")) : String(verbatim["#text"] ?? "");
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal?: string, hex?: string, name = "") => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return hex === undefined ? (entities[name] ?? whole) : String.fromCodePoint(Number.parseInt(hex, 16));
  });

/** Line breaks and tabs in attributes do not survive the next parser, so they count as control characters there. */
const control = /\p{Cc}/u;

/** Writes an element, indented. Throws on characters that XML cannot hold; see checkText for how requests are refused. */
export function renderXml(element: Element): string {
  const document = create();
  append(document, element);
  return document.end({ headless: true, prettyPrint: true, wellFormed: true });
}

type Parent = ReturnType<typeof create>;

function append(parent: Parent, { name, attributes, text, children }: Element): void {
  for (const [key, value] of Object.entries(attributes))
    if (control.test(value)) throw new RangeError(`attribute ${key} of ${name} holds a control character`);
  const escaped = Object.entries(attributes).map(([key, value]) => [key, asIs(value)]);
  const node = parent.ele(name, Object.fromEntries(escaped) as Record<string, string>);
  if (text !== "") node.txt(asIs(text));
  for (const child of children) append(node, child);
}

/** xmlbuilder2 4.0 decodes entities in what it is given; a text that only looks like one must stay as it is. */
const asIs = (text: string): string => text.replaceAll("&", "&amp;");
