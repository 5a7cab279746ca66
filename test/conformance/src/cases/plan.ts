import { type AppliedCapability, Feature } from "@virtrigaud/proto";
import { appliedKey } from "../applied.ts";
import type { Case } from "../case.ts";
import { expect, expectEqual } from "../expect.ts";

const secret = "conformance-secret-9b1f";

export const plan: Case = {
  id: "plan",
  title: "PlanVM changes nothing and says what CreateVM then does",
  contract: "provider.proto, PlanVM: What CreateVM would do with the same request, without any side effect.",
  needs: [Feature.PLAN],
  async run(context) {
    const { provider, signal } = context;
    const userData = `#cloud-config\npassword: ${secret}\n`;
    const cloudInit = context.can(Feature.CLOUD_INIT) && { cloudInit: { userData, metaData: {} } };
    const spec = context.spec({ ...cloudInit });
    const planned = await provider.planVm({ spec, uid: "" }, { signal });
    expectEqual(planned.violations, [], "violations of a spec that is right");
    expect(planned.nativeConfiguration !== "", "native_configuration: expected one, got nothing");
    expect(planned.nativeFormat !== "", "native_format: expected a name, got nothing");
    expect(
      !planned.nativeConfiguration.includes(secret),
      "native_configuration: expected secrets to be redacted",
    );
    expectEqual(planned.drift, [], "drift of a new VM");
    expectEqual((await context.named(spec.name)).length, 0, `VMs named ${spec.name} after PlanVM`);

    const made = await context.create(spec);
    expectEqual(
      outcomes(made.appliedCapabilities),
      outcomes(planned.appliedCapabilities),
      "outcomes, compared with the plan",
    );
    const wrong = await provider.planVm({ spec: { ...spec, cpus: 0 }, uid: "" }, { signal });
    const fields = wrong.violations.map(({ field }) => field);
    expect(
      fields.includes("spec.cpus"),
      `violations of cpus 0: expected spec.cpus, got ${fields.join(", ") || "none"}`,
    );
  },
};

function outcomes(list: readonly AppliedCapability[]): string[] {
  return list.map((entry) => `${appliedKey(entry)} ${entry.outcome}`).sort();
}
