import { loadSync } from "@grpc/proto-loader";
import { protoDirectory, protoFile } from "@virtrigaud/proto";

/** A field as the .proto files have it, with the generated code's name. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly typeName: string;
  readonly options: { readonly debugRedact: boolean } | null;
}

const PACKAGE = "virtrigaud.provider.v1.";
const definition = loadSync(protoFile, { includeDirs: [protoDirectory] }) as unknown as Record<
  string,
  { readonly type?: { readonly field?: readonly Field[] } } | undefined
>;

/** Every field of a message of the contract and of the messages within it. */
export function fieldsOf(message: string, seen = new Set<string>()): Field[] {
  if (seen.has(message)) return [];
  seen.add(message);
  const fields = definition[PACKAGE + message]?.type?.field ?? [];
  const nested = fields.filter(({ type }) => type === "TYPE_MESSAGE");
  return [...fields, ...nested.flatMap(({ typeName }) => fieldsOf(typeName, seen))];
}

/** Names of the contract's messages. */
export function messages(): string[] {
  return Object.entries(definition)
    .filter(([name, one]) => name.startsWith(PACKAGE) && one?.type?.field !== undefined)
    .map(([name]) => name.slice(PACKAGE.length));
}
