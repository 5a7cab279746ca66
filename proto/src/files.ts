import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** Include path of the contract's .proto files, for readers that load them at run time (reflection, dynamic clients). */
export const protoDirectory = fileURLToPath(new URL("..", import.meta.url));

/** The file that defines the service, relative to {@link protoDirectory}. */
export const protoFile = "virtrigaud/provider/v1/provider.proto";

/**
 * Each file of the contract, of the standard error details and of what they import as an encoded google.protobuf.FileDescriptorProto, as buf
 * compiled them: what gRPC reflection serves. (protobufjs, and so proto-loader, merges files by package and leaves references that Go
 * and C++ clients cannot resolve.)
 */
export function fileDescriptors(): Uint8Array[] {
  const sets = ["provider", "error-details"].map((name) => {
    const bytes = readFileSync(new URL(`../descriptors/${name}.binpb`, import.meta.url));
    return fromBinary(FileDescriptorSetSchema, bytes);
  });
  const files = new Map(sets.flatMap(({ file }) => file).map((descriptor) => [descriptor.name, descriptor]));
  return [...files.values()].map((descriptor) => toBinary(FileDescriptorProtoSchema, descriptor));
}
