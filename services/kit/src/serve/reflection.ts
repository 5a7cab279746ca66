import { loadSync, type PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { fileDescriptors } from "@virtrigaud/proto";
import { protoPath as healthProto } from "grpc-health-check";

/** gRPC reflection, v1 and v1alpha, of the contract and of grpc.health.v1. */
export function reflection(): ReflectionService {
  const health = loadSync(healthProto, { keepCase: true });
  // Of a package definition the service looks at nothing but the descriptors.
  const contract = { contract: { fileDescriptorProtos: fileDescriptors() } } as unknown as PackageDefinition;
  return new ReflectionService({ ...contract, ...health });
}
