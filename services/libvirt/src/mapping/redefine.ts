import { attachedTo, macOf } from "./applied-interfaces.ts";
import { fileOf } from "./found-disks.ts";
import { all, type Element, first } from "./xml.ts";

/**
 * The wanted domain with what an existing one must keep: its machine version, its firmware's files and variables, its pinned CPUs, and the
 * places of its devices, by which the guest names them.
 */
export function redefined(wanted: Element, stored: Element): Element {
  const children = wanted.children.map((child) => {
    switch (child.name) {
      case "os":
        return keepFirmware(child, first(stored, "os"));
      case "cputune":
        return keepPins(child, first(stored, "cputune"));
      case "devices":
        return keepPlaces(child, first(stored, "devices"));
      default:
        return child;
    }
  });
  return { ...wanted, children };
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

function keepPlaces(devices: Element, stored: Element | undefined): Element {
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
