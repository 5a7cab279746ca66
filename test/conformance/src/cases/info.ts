import type { Case } from "../case.ts";
import { expect, expectEqual } from "../expect.ts";

export const info: Case = {
  id: "info",
  title: "GetInfo says who the provider is and what it talks to",
  contract: 'provider.proto, GetInfoResponse: Version of this contract that it implements, "1.0".',
  needs: [],
  async run({ provider, fixture, signal }) {
    const answer = await provider.getInfo({}, { signal });
    expectEqual(answer.provider, fixture.provider, "provider");
    expectEqual(answer.contractVersion, "1.0", "contract_version");
    expect(
      /^\d+\.\d+\.\d+/.test(answer.version),
      `version: expected semantic versioning, got "${answer.version}"`,
    );
    expect(answer.hypervisorType !== "", "hypervisor_type: expected the product's name, got nothing");
    expect(answer.hypervisorVersion !== "", "hypervisor_version: expected a version, got nothing");
    expect(!/\/\/[^/]*@/.test(answer.endpoint), "endpoint: expected no credentials in it");
    if (fixture.simulated !== undefined) expectEqual(answer.simulated, fixture.simulated, "simulated");
  },
};
