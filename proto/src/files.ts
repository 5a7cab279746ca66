import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** Include path of the contract's .proto files, for readers that load them at run time (reflection, dynamic clients). */
export const protoDirectory = fileURLToPath(new URL("..", import.meta.url));

/** The file that defines the service, relative to {@link protoDirectory}. */
export const protoFile = "virtrigaud/provider/v1/provider.proto";

/**
 * Each file of the contract and those that they import as an encoded google.protobuf.FileDescriptorProto, as buf compiled them: what gRPC
 * reflection serves. (protobufjs, and so proto-loader, merges files by package and leaves references that Go and C++ clients cannot resolve.)
 */
export function fileDescriptors(): Uint8Array[] {
  const set = readFileSync(new URL("../descriptor.binpb", import.meta.url));
  const { file } = fromBinary(FileDescriptorSetSchema, set);
  return file.map((descriptor) => toBinary(FileDescriptorProtoSchema, descriptor));
}
