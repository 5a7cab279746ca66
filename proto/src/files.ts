import { fileURLToPath } from "node:url";

/** Include path of the contract's .proto files, for readers that load them at run time (reflection, dynamic clients). */
export const protoDirectory = fileURLToPath(new URL("..", import.meta.url));

/** The file that defines the service, relative to {@link protoDirectory}. */
export const protoFile = "virtrigaud/provider/v1/provider.proto";
