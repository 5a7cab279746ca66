import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoDirectory, protoFile } from "@virtrigaud/proto";
import { protoPath as healthProto } from "grpc-health-check";

/** gRPC reflection, v1 and v1alpha, of the contract and of grpc.health.v1. */
export function reflection(): ReflectionService {
  const contract = loadSync(protoFile, { includeDirs: [protoDirectory], keepCase: true });
  const health = loadSync(healthProto, { keepCase: true });
  return new ReflectionService({ ...contract, ...health });
}
