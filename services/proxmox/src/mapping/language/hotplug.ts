/** Kinds of device that the `hotplug` option names. */
export type HotplugFeature = "network" | "disk" | "usb" | "cpu" | "memory" | "cloudinit";

const features: readonly HotplugFeature[] = ["network", "disk", "usb", "cpu", "memory", "cloudinit"];
const defaults: readonly HotplugFeature[] = ["network", "disk", "usb"];

/** What can change while the VM runs, as the `hotplug` option. */
export const encodeHotplug = (wanted: ReadonlySet<HotplugFeature>): string =>
  wanted.size === 0 ? "0" : features.filter((feature) => wanted.has(feature)).join(",");

/** What the option says; without it network, disk and USB can change. */
export function decodeHotplug(text: string | undefined): Set<HotplugFeature> {
  if (text === undefined || text === "1") return new Set(defaults);
  const words = text.split(/[,;\s]+/);
  return new Set(features.filter((feature) => words.includes(feature)));
}
