import { type FieldDef, fieldDef } from "../vim/type-table.ts";
import type { FaultReport } from "./errors.ts";

/** What a SOAP answer says: a value (undefined where the operation has none to give) or a fault. */
export type SoapAnswer = { readonly value: unknown } | { readonly fault: FaultReport };

/** The types around the answer; "#" keeps their names apart from the schema's. */
export type EnvelopeTypes = ReadonlyMap<string, ReadonlyMap<string, FieldDef>>;

/** The document to expect for a call of `method`, an operation that answers `returns`. */
export function envelopeTypes(method: string, returns: string | undefined): EnvelopeTypes {
  return new Map([
    ["#document", fields({ Envelope: "#envelope" })],
    ["#envelope", fields({ Body: "#body" })],
    ["#body", fields({ [`${method}Response`]: "#response", Fault: "#fault" })],
    ["#response", fields(returns === undefined ? {} : { returnval: returns })],
    ["#fault", fields({ faultstring: "string", detail: "#detail" })],
  ]);
}

/** Reads the answer out of a decoded document; undefined when there is none in it. */
export function answerIn(
  document: unknown,
  method: string,
  returns: string | undefined,
): SoapAnswer | undefined {
  const body = (document as Document).Envelope?.Body;
  if (body?.Fault !== undefined) return { fault: faultReport(body.Fault) };
  const response = body?.[`${method}Response`] as { returnval?: unknown } | undefined;
  if (response === undefined) return undefined;
  return { value: response.returnval ?? (returns?.endsWith("[]") ? [] : undefined) };
}

interface Document {
  Envelope?: { Body?: { Fault?: Fault; [response: string]: unknown } };
}

interface Fault {
  faultstring?: string;
  detail?: Record<string, Record<string, unknown>>;
}

/** The type is the detail's xsi:type; servers that leave it out name the element after it. */
function faultReport({ faultstring = "", detail = {} }: Fault): FaultReport {
  const [first] = Object.entries(detail);
  if (first === undefined) return { faultType: "RuntimeFault", faultString: faultstring, detail: {} };
  const [element, { $type, ...fields }] = first;
  const faultType = typeof $type === "string" ? $type : element.replace(/Fault$/, "");
  return { faultType, faultString: faultstring, detail: fields };
}

function fields(types: Record<string, string>): ReadonlyMap<string, FieldDef> {
  return new Map(Object.entries(types).map(([name, type]) => [name, fieldDef(type)]));
}
