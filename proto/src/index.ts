// The door of the contract: generated messages, enums and the service's stubs. Everything under gen/ comes from `pnpm generate`.
export * from "./gen/virtrigaud/provider/v1/capability.ts";
export * from "./gen/virtrigaud/provider/v1/host.ts";
export * from "./gen/virtrigaud/provider/v1/image.ts";
export * from "./gen/virtrigaud/provider/v1/nested.ts";
export * from "./gen/virtrigaud/provider/v1/operation.ts";
export * from "./gen/virtrigaud/provider/v1/provider.ts";
export * from "./gen/virtrigaud/provider/v1/spec.ts";
export * from "./gen/virtrigaud/provider/v1/vm.ts";
export { fileDescriptors, protoDirectory, protoFile } from "./files.ts";
