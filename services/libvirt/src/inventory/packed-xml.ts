import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Element } from "../mapping/xml.ts";

/** An element in a few KiB, of which a picture can hold thousands: as a tree it takes some fifteen times as much. Equal elements give equal bytes. */
export type PackedXml = Buffer & { readonly packedXml: unique symbol };

type Packed = readonly [
  name: string,
  attributes: Element["attributes"],
  text: string,
  children: readonly Packed[],
];

/** The fastest level that there is: what libvirt writes repeats itself a lot. */
const level = 1;

// Copied, for zlib answers with a part of a buffer that is several times as long. */
export const pack = (element: Element): PackedXml =>
  Buffer.from(deflateRawSync(JSON.stringify(asTuple(element)), { level })) as PackedXml;

/** Reads what {@link pack} made, several times as fast as XML is parsed. */
export const unpack = (packed: PackedXml): Element =>
  asElement(JSON.parse(inflateRawSync(packed).toString()) as Packed);

const asTuple = ({ name, attributes, text, children }: Element): Packed => [
  name,
  attributes,
  text,
  children.map(asTuple),
];

const asElement = ([name, attributes, text, children]: Packed): Element => ({
  name,
  attributes,
  text,
  children: children.map(asElement),
});
