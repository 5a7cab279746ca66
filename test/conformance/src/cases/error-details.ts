import { randomUUID } from "node:crypto";
import type { ServiceError } from "@grpc/grpc-js";
import { ListVMsRequest } from "@virtrigaud/proto";
import { ErrorInfo, Status } from "@virtrigaud/proto/google";
import { codeName, type ProviderCallError, status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import { expect, expectEqual, expectError, expectPresent } from "../expect.ts";

export const errorDetails: Case = {
  id: "error-details",
  title: "Errors carry google.rpc.ErrorInfo with reason and domain virtrigaud.io",
  contract:
    'provider.proto, Errors: Every error is a canonical gRPC status with a google.rpc.ErrorInfo detail {reason, domain "virtrigaud.io", metadata}.',
  needs: [],
  async run(context) {
    const { provider, signal } = context;
    const uid = randomUUID();
    const calls = [
      [status.NOT_FOUND, () => context.get({ $case: "uid", value: uid })],
      [status.INVALID_ARGUMENT, () => context.createOnce(context.spec({ cpus: 0 }), uid)],
      [
        status.INVALID_ARGUMENT,
        () => provider.listVMs(ListVMsRequest.fromPartial({ pageToken: "nobody's" }), { signal }),
      ],
    ] as const;
    for (const [code, call] of calls) {
      const what = `a call that must fail with ${codeName(code)}`;
      const error = await expectError(call(), { code }, what);
      const info = expectPresent(errorInfo(error), `ErrorInfo in ${error.codeName} of ${error.rpc}`);
      expectEqual(info.domain, "virtrigaud.io", `domain in ${error.codeName} of ${error.rpc}`);
      expect(
        /^[A-Z][A-Z0-9_]+$/.test(info.reason),
        `reason: expected UPPER_SNAKE_CASE, got "${info.reason}"`,
      );
      expect(error.message !== "", `message of ${error.codeName} of ${error.rpc}: expected one, got nothing`);
      const violations = error.violations.length;
      if (code === status.INVALID_ARGUMENT)
        expect(violations > 0, `${error.rpc}: expected BadRequest violations`);
    }
  },
};

/** The ErrorInfo on the wire; kit/client keeps its reason but not its domain. */
function errorInfo(error: ProviderCallError): ErrorInfo | undefined {
  const [raw] = (error.cause as ServiceError).metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(raw)) return undefined;
  const info = Status.decode(raw).details.find(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  return info && ErrorInfo.decode(info.value);
}
