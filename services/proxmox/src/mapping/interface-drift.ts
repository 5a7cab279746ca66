import { Feature, type NetworkInterface } from "@virtrigaud/proto";
import { isSameOption } from "./canonical.ts";
import { type DeviceInput, deviceChange } from "./device-change.ts";
import type { Change } from "./drift.ts";
import { assignedDevices, foundNics } from "./found-interfaces.ts";
import { decodeNet, encodeNet, type Net } from "./language/net.ts";
import { netName, nics } from "./nics.ts";
import type { Problems } from "./problems.ts";
import { optionOf, type Parameters } from "./vm-config.ts";

/**
 * How the network interfaces of a VM differ from the wanted ones. They are matched by address; what someone else plugged in stays, what was
 * asked for before and is not any more is unplugged.
 */
export function interfaceChanges(input: DeviceInput, problems: Problems): Change[] {
  const { spec, before, uid, found, node, settings } = input;
  const wanted = nics(spec.networkInterfaces, { uid, node, settings }, problems);
  const held = foundNics(found.next, { asked: spec, uid });
  const taken = new Set(Object.keys(found.next));
  const cards = spec.networkInterfaces.flatMap((nic, index): Change[] => {
    const option = optionOf(wanted, netName(index));
    if (nic.sriovDevice !== "" || option === undefined) return [];
    const card = held.find(({ wish }) => wish === nic);
    if (card !== undefined) return moved(nic, card.option, withOthers(card.net, decodeNet(option)), input);
    const free = freeName("net", index, taken);
    taken.add(free);
    return [interfaceChange(nic.name, `absent → ${free}: ${option}`, input, { [free]: option })];
  });
  const asked = foundNics(found.next, { asked: before, uid });
  const gone = asked.filter(
    ({ option, wish }) =>
      wish !== undefined && held.every((one) => one.option !== option || one.wish === undefined),
  );
  return [
    ...cards,
    ...gone.map(({ option, wish }) =>
      interfaceChange(wish?.name ?? option, `${option} → removed`, input, {}, [option]),
    ),
    ...deviceChanges(input, wanted, taken),
  ];
}

/** What a card has besides what a spec can say: rate, queues, trunks stay. */
const withOthers = (found: Net, wanted: Net): string =>
  encodeNet({ ...found, vlan: undefined, mtu: undefined, ...wanted });

function moved({ name }: NetworkInterface, option: string, wanted: string, input: DeviceInput): Change[] {
  const held = optionOf(input.found.next, option);
  if (isSameOption(option, wanted, held)) return [];
  return [interfaceChange(name, `${held} → ${wanted}`, input, { [option]: wanted })];
}

/** Devices of the node's that are assigned, by their mapping. */
function deviceChanges(
  { spec, before, ...input }: DeviceInput,
  wanted: Parameters,
  taken: Set<string>,
): Change[] {
  const held = new Map(assignedDevices(input.found.next).map(([option, mapping]) => [mapping, option]));
  const [now, then] = [spec, before].map((one) =>
    (one?.networkInterfaces ?? []).filter(({ sriovDevice }) => sriovDevice !== ""),
  );
  const added = (now ?? []).flatMap(({ name, sriovDevice }, index): Change[] => {
    if (held.has(sriovDevice)) return [];
    const free = freeName("hostpci", index, taken);
    taken.add(free);
    const option = optionOf(wanted, `hostpci${index}`) ?? "";
    return [
      interfaceChange(
        name,
        `absent → ${free}: ${option}`,
        { spec, before, ...input },
        { [free]: option },
        [],
        Feature.SRIOV,
      ),
    ];
  });
  const gone = (then ?? []).flatMap(({ name, sriovDevice }): Change[] => {
    const option = held.get(sriovDevice);
    if (option === undefined || now?.some((nic) => nic.sriovDevice === sriovDevice)) return [];
    return [
      interfaceChange(name, `${option} → removed`, { spec, before, ...input }, {}, [option], Feature.SRIOV),
    ];
  });
  return [...added, ...gone];
}

const interfaceChange = (
  subject: string,
  description: string,
  input: DeviceInput,
  set: Parameters,
  remove: readonly string[] = [],
  feature = Feature.NETWORK_INTERFACE,
): Change => deviceChange({ feature, subject, description }, input, set, remove);

/** The option of its place, else the first that is free. */
function freeName(kind: string, index: number, taken: ReadonlySet<string>): string {
  for (let number = index; ; number += 1) {
    const name = `${kind}${number}`;
    if (!taken.has(name)) return name;
  }
}
