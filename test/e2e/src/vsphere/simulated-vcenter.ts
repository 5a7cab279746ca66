import { buildGovc, buildGrpcurl, buildVcsim, whyUnavailable } from "@virtrigaud/test-tools";
import { describe } from "@jest/globals";

const log = (message: string) => console.error(message);

/** Why the simulated vCenter cannot be had on this machine; undefined when it can. */
export const vcsimMissing = await whyUnavailable(buildVcsim(log));
/** The same for govmomi's command line, our independent client. */
export const govcMissing = await whyUnavailable(buildGovc(log));
/** The same for grpcurl, a gRPC client that knows only reflection. */
export const grpcurlMissing = await whyUnavailable(buildGrpcurl(log));

/** `describe`, skipped with the reason in its title where the machine lacks something. */
export function describeWhere(missing: string | undefined, title: string, tests: () => void): void {
  if (missing === undefined) describe(title, tests);
  else describe.skip(`${title} (${missing})`, tests);
}

/** What the end-to-end tests' vCenters are stocked with. */
export const stock = { templates: ["ubuntu-22.04"], datastores: ["fast-ssd"] };
