import { attachedTo, macOf } from "./applied-interfaces.ts";
import { diskName, fileOf } from "./found-disks.ts";
import { all, type Element, first, numberOf, textOf } from "./xml.ts";

/**
 * The wanted domain with what an existing one must keep: its machine version, its firmware's files and variables, its pinned CPUs, its disks'
 * files, the room that it has to grow, what others stamped on it, and the places of its devices, by which the guest names them.
 */
export function redefined(wanted: Element, stored: Element): Element {
  const room = roomToKeep(wanted, stored);
  const children = wanted.children.map((child) => {
    const held = first(stored, child.name);
    switch (child.name) {
      case "metadata":
        return keepStamps(child, held);
      case "vcpu":
        return room.cpus && held ? { ...child, text: held.text } : child;
      case "maxMemory":
        return room.memory && held ? { ...child, text: held.text } : child;
      case "cpu":
        return room.cpus && held ? keepTopology(child, held) : child;
      case "os":
        return keepFirmware(child, held);
      case "cputune":
        return keepPins(child, held);
      case "devices":
        return keepPlaces(child, held, textOf(stored, "uuid") ?? "");
      default:
        return child;
    }
  });
  return { ...wanted, children };
}

/** Room that suffices stays as it is: more of it would have to wait for a restart. */
function roomToKeep(wanted: Element, stored: Element): { cpus: boolean; memory: boolean } {
  const [want, have] = [first(wanted, "vcpu"), first(stored, "vcpu")];
  const isOpen = want?.attributes.current !== undefined && have?.attributes.current !== undefined;
  const [memory, most] = [numberOf(wanted, "memory") ?? 0, numberOf(stored, "maxMemory")];
  return {
    cpus: isOpen && Number(want.attributes.current) <= Number(have.text),
    memory: most !== undefined && memory <= most,
  };
}

/** The CPUs that a guest can ever have are laid out once. */
function keepTopology(cpu: Element, stored: Element): Element {
  const topology = first(stored, "topology");
  const cell = first(stored, "numa", "cell");
  const children = cpu.children.map((child) => {
    if (child.name === "topology") return topology ?? child;
    if (child.name !== "numa" || cell === undefined) return child;
    const cells = child.children.map((one) => ({
      ...one,
      attributes: { ...one.attributes, cpus: cell.attributes.cpus ?? "" },
    }));
    return { ...child, children: cells };
  });
  return { ...cpu, children };
}

/** Other tools keep what they know of a domain in elements of their own; so do we, for a proof that was taken. */
function keepStamps(metadata: Element, stored: Element | undefined): Element {
  const names = new Set(metadata.children.map(({ name }) => name));
  const others = (stored?.children ?? []).filter(({ name }) => !names.has(name));
  return { ...metadata, children: [...metadata.children, ...others] };
}

function keepFirmware(os: Element, stored: Element | undefined): Element {
  const isSame = os.attributes.firmware === stored?.attributes.firmware;
  const kept = isSame ? [...all(stored, "nvram")] : [];
  const type = first(stored, "type");
  return {
    ...os,
    children: [...os.children.map((child) => (child.name === "type" ? (type ?? child) : child)), ...kept],
  };
}

/** Which CPUs are free may have changed since; a VM stays on the ones that it has. */
function keepPins(cputune: Element, stored: Element | undefined): Element {
  const isPin = ({ name }: Element) => name === "vcpupin" || name === "emulatorpin";
  const [wanted, held] = [cputune.children.filter(isPin), (stored?.children ?? []).filter(isPin)];
  if (wanted.length !== held.length) return cputune;
  return { ...cputune, children: [...cputune.children.filter((child) => !isPin(child)), ...held] };
}

function keepPlaces(wanted: Element, stored: Element | undefined, uid: string): Element {
  const devices = { ...wanted, children: wanted.children.map((device) => keepFile(device, stored, uid)) };
  const held = new Map((stored?.children ?? []).map((device) => [identity(device), device]));
  const placed = devices.children.map((device) => {
    const address = first(held.get(identity(device)), "address");
    if (address === undefined || first(device, "address") !== undefined) return device;
    return { ...device, children: [...device.children, address] };
  });
  const known = new Set(devices.children.map(identity));
  const controllers = all(stored, "controller").filter((controller) => !known.has(identity(controller)));
  return { ...devices, children: [...placed, ...controllers] };
}

/** Since a snapshot was taken, a disk's data is in another file than it began with. */
function keepFile(device: Element, stored: Element | undefined, uid: string): Element {
  if (device.name !== "disk" || device.attributes.device !== "disk") return device;
  const name = diskName(device, uid);
  const held = all(stored, "disk").find(
    (one) => one.attributes.device === "disk" && diskName(one, uid) === name,
  );
  const source = first(held, "source");
  if (source === undefined) return device;
  const children = device.children.map((child) => (child.name === "source" ? source : child));
  return { ...device, children };
}

/** What makes a device the same one in two descriptions. */
function identity(device: Element): string {
  const { type = "", index = "", model = "" } = device.attributes;
  switch (device.name) {
    case "disk":
      return `disk ${fileOf(device)}`;
    case "interface":
      return `interface ${macOf(device)} ${first(device, "model")?.attributes.type ?? attachedTo(device)}`;
    case "controller":
      return `controller ${type} ${index}`;
    case "channel":
      return `channel ${first(device, "target")?.attributes.name ?? ""}`;
    default:
      return `${device.name} ${device.name === "tpm" || device.name === "iommu" ? model : ""}`;
  }
}
