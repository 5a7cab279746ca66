import { Feature, NetworkInterface, Outcome } from "@virtrigaud/proto";
import { appliedKey } from "../applied.ts";
import type { Case } from "../case.ts";
import { expectEqual, expectOneOf, Skip } from "../expect.ts";

const macAddress = "52:54:00:c0:ff:ee";

export const networkInterface: Case = {
  id: "network-interface",
  title: "A network interface is attached as asked and read back",
  contract:
    "spec.proto, NetworkInterface: a provider reads its own and refuses a request that names only others.",
  needs: [Feature.NETWORK_INTERFACE],
  async run(context) {
    const { network } = context.fixture;
    if (!network) throw new Skip("the fixture names no network");
    const mac = context.can(Feature.MAC_ADDRESS) && { macAddress };
    const nic = NetworkInterface.fromPartial({ ...network, name: "lan", ...mac });
    const { spec, appliedCapabilities } = await context.create(context.spec({ networkInterfaces: [nic] }));
    const found = spec?.networkInterfaces ?? [];
    expectEqual(
      found.map(({ name }) => name),
      ["lan"],
      "names of the interfaces",
    );
    if (mac) expectEqual(found[0]?.macAddress.toLowerCase(), macAddress, "MAC address");
    const entry = appliedCapabilities.find(
      (item) => appliedKey(item) === `${Feature.NETWORK_INTERFACE} of lan`,
    );
    expectOneOf(entry?.outcome ?? Outcome.UNSPECIFIED, [Outcome.APPLIED, Outcome.SUBSTITUTED], "outcome");
  },
};
