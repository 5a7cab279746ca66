import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from "saxes";
import type { FieldDef } from "../vim/type-table.ts";
import { type ElementType, type Frame, frameFor, objectFrame } from "./decode-frame.ts";
import { answerIn, type EnvelopeTypes, envelopeTypes, type SoapAnswer } from "./envelope.ts";
import { VimProtocolError } from "./errors.ts";

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
const XSI = "http://www.w3.org/2001/XMLSchema-instance";

/** Far above a real answer's nesting: a chain of 32 snapshots is some 40 deep. */
const MAX_DEPTH = 200;

const PLAIN: ElementType = { isNil: false };

interface OpenElement {
  readonly name: string;
  readonly field: FieldDef;
  readonly frame: Frame;
  readonly isNil: boolean;
}

/**
 * Decodes the answer to one call while it arrives. Types come from the type table and xsi:type; namespaces are
 * resolved, prefixes mean nothing; fields not in the table are dropped. Document type definitions, nesting past
 * 200 levels, text that is not of its type, malformed and truncated XML end in VimProtocolError.
 */
export class ResponseDecoder {
  readonly #method: string;
  readonly #returns: string | undefined;
  readonly #envelope: EnvelopeTypes;
  readonly #document: Frame;
  readonly #open: OpenElement[] = [];
  readonly #parser = new SaxesParser({ xmlns: true });
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  /** Open elements at and below the one being skipped. */
  #skipped = 0;
  #text = "";

  /** `returns` is the schema type of the operation's answer, "T[]" for a repeated one. */
  constructor(method: string, returns: string | undefined) {
    this.#method = method;
    this.#returns = returns;
    this.#envelope = envelopeTypes(method, returns);
    this.#document = this.#frame({ type: "#document", repeated: false }, PLAIN);
    // Five handlers at most: with a sixth V8 makes the parser a slow dictionary object, three times as slow.
    this.#parser.on("opentag", (tag) => this.#enter(tag));
    this.#parser.on("closetag", () => this.#leave());
    this.#parser.on("text", (text) => this.#addText(text));
    this.#parser.on("cdata", (text) => this.#addText(text));
    this.#parser.on("doctype", () => this.#fail("has a document type definition"));
  }

  /** Takes the next bytes of the body. */
  write(chunk: Uint8Array): void {
    this.#parse(this.#decodeUtf8(chunk), false);
  }

  /** Ends the body and returns what it said. */
  end(): SoapAnswer {
    this.#parse(this.#decodeUtf8(), true);
    const answer = answerIn(this.#document.close(""), this.#method, this.#returns);
    return answer ?? this.#fail(`has neither ${this.#method}Response nor Fault in its Body`);
  }

  #parse(text: string, isLast: boolean): void {
    try {
      this.#parser.write(text);
      if (isLast) this.#parser.close();
    } catch (error) {
      if (error instanceof VimProtocolError) throw error;
      this.#fail(`is not well-formed XML: ${(error as Error).message}`, error);
    }
  }

  #enter(tag: SaxesTagNS): void {
    this.#text = "";
    if (this.#open.length + this.#skipped >= MAX_DEPTH) this.#fail(`nests deeper than ${MAX_DEPTH} levels`);
    if (this.#open.length === 0 && tag.uri !== SOAP) this.#fail("is not a SOAP 1.1 envelope");
    const parent = this.#open.at(-1)?.frame ?? this.#document;
    const field = this.#skipped > 0 || tag.local === "__proto__" ? undefined : parent.child(tag.local);
    if (field === undefined) {
      this.#skipped++;
      return;
    }
    const element = this.#elementType(tag);
    this.#open.push({ name: tag.local, field, frame: this.#frame(field, element), isNil: element.isNil });
  }

  #leave(): void {
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const { name, field, frame, isNil } = this.#open.at(-1) as OpenElement;
    const value = isNil ? undefined : this.#close(frame);
    this.#open.pop();
    const parent = this.#open.at(-1)?.frame ?? this.#document;
    parent.add(name, field, value);
    this.#text = "";
  }

  #close(frame: Frame): unknown {
    try {
      return frame.close(this.#text);
    } catch (error) {
      return this.#fail(`${this.#open.map((e) => e.name).join("/")} ${(error as Error).message}`, error);
    }
  }

  #addText(text: string): void {
    if (this.#skipped === 0) this.#text += text;
  }

  #frame(field: FieldDef, element: ElementType): Frame {
    const fields = this.#envelope.get(field.type);
    if (fields !== undefined) return objectFrame(fields, undefined, undefined);
    // Whatever stands in a fault's detail is the fault.
    if (field.type === "#detail") {
      return objectFrame(new Map(), { type: "MethodFault", repeated: false }, undefined);
    }
    return frameFor(field.type, element);
  }

  /** What the attributes say; most elements have none. */
  #elementType(tag: SaxesTagNS): ElementType {
    let element = PLAIN;
    for (const key in tag.attributes) {
      const { uri, local, value } = tag.attributes[key] as SaxesAttributeNS;
      if (uri === "" && local === "type") element = { ...element, reference: value };
      else if (uri === XSI && local === "type") element = { ...element, name: localName(value.trim()) };
      else if (uri === XSI && local === "nil") element = { ...element, isNil: value === "true" };
    }
    return element;
  }

  #decodeUtf8(chunk?: Uint8Array): string {
    try {
      return chunk ? this.#utf8.decode(chunk, { stream: true }) : this.#utf8.decode();
    } catch (error) {
      return this.#fail("is not UTF-8", error);
    }
  }

  #fail(what: string, cause?: unknown): never {
    throw new VimProtocolError(`${this.#method}: the answer ${what}`, { cause });
  }
}

/** Type names of XML Schema and of vim25 do not clash, so that the namespace of one need not be looked at. */
function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(":") + 1);
}
