import { Feature, type HostReport, Support, Tristate } from "@virtrigaud/proto";
import { status } from "@virtrigaud/kit/client";
import type { Case } from "../case.ts";
import type { CaseContext } from "../case-context.ts";
import { expect, expectEqual, expectError, expectPresent } from "../expect.ts";

export const checkHosts: Case = {
  id: "check-hosts",
  title:
    "CheckHosts tells for each host what it can, with evidence and remedy, as GetCapabilities sums it up",
  contract: "host.proto, HostReport.remedy: What to do, step by step, for each answer that is not TRUE.",
  needs: [Feature.HOST_CHECK],
  async run(context) {
    const hosts = await check(context, []);
    expect(hosts.length > 0, "hosts: expected one at least, got none");
    const names = hosts.map(({ name }) => name);
    expectEqual(names, [...new Set(names)].sort(), "names of the hosts, sorted and unique");
    for (const { name, nestedVirtualization, evidence, remedy } of hosts) {
      expect(evidence.length > 0, `${name}: expected evidence, got none`);
      const explained = nestedVirtualization === Tristate.TRUE || remedy.length > 0;
      expect(
        explained,
        `${name}: nested_virtualization is ${nestedVirtualization}, expected a remedy, got none`,
      );
    }
    const nested =
      context.run.capabilities.get(Feature.NESTED_VIRTUALIZATION)?.support ?? Support.UNSUPPORTED;
    expectEqual(summary(hosts), nested, "support of NESTED_VIRTUALIZATION, as the hosts sum up");

    const one = expectPresent(names[0], "a host");
    expectEqual(
      (await check(context, [one])).map(({ name }) => name),
      [one],
      "hosts when one is named",
    );
    const nobody = context.provider.checkHosts({ hosts: ["no-such-host"] }, { signal: context.signal });
    await expectError(
      nobody.then(({ operation }) => context.done(operation)),
      { code: status.NOT_FOUND },
      "no-such-host",
    );
  },
};

async function check(context: CaseContext, hosts: string[]): Promise<HostReport[]> {
  const { operation } = await context.provider.checkHosts({ hosts }, { signal: context.signal });
  const { result } = await context.done(operation);
  return expectPresent(
    result?.$case === "hosts" ? result.value.hosts : undefined,
    "hosts in the operation's result",
  );
}

function summary(hosts: readonly HostReport[]): Support {
  const answers = hosts.map((host) => host.nestedVirtualization);
  if (answers.includes(Tristate.TRUE)) return Support.SUPPORTED;
  return answers.every((answer) => answer === Tristate.FALSE) ? Support.UNSUPPORTED : Support.UNKNOWN;
}
