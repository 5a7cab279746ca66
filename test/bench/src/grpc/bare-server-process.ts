import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { CreateVMResponse, ProviderService } from "@virtrigaud/proto";
import { runChild } from "../child-process.ts";
import { reply } from "./exchange.ts";

/** The least that grpc-js can do: bytes in, bytes out, nothing decoded. */
const service: ServiceDefinition = {
  createVm: {
    path: ProviderService.createVm.path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

await runChild(async () => {
  const bytes = Buffer.from(CreateVMResponse.encode(reply).finish());
  const server = new Server();
  server.addService(service, {
    createVm: (_call: unknown, callback: (error: null, answer: Buffer) => void) => callback(null, bytes),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: async () => server.forceShutdown() };
});
