import { all, el, type Element, first } from "./xml.ts";

/** Where the screen of a running domain is shown. */
export interface Screen {
  readonly protocol: "vnc" | "spice";
  /** As the hypervisor's host sees it: its loopback, unless somebody else defined the domain. */
  readonly url: string;
  /** Whether whoever connects needs a password. A domain that was started without one never gets one. */
  readonly isLocked: boolean;
  /** The device, as it is. */
  readonly device: Element;
}

/** The screen of a running domain; undefined when it has none with a port. */
export function screenOf(live: Element): Screen | undefined {
  for (const device of all(live, "devices", "graphics")) {
    const { type, port = "", passwdValidTo } = device.attributes;
    const protocol = (["vnc", "spice"] as const).find((one) => one === type);
    if (protocol === undefined || !/^[1-9]\d{0,4}$/.test(port)) continue;
    const url = `${protocol}://${hostOf(device)}:${port}`;
    return { protocol, url, isLocked: passwdValidTo !== undefined, device };
  }
  return undefined;
}

/** A device that takes this password until then, and no other. libvirt reads the time as UTC, to the second. */
export const unlocked = ({ name, attributes, children }: Element, password: string, until: Date): Element =>
  el(name, { ...attributes, passwd: password, passwdValidTo: until.toISOString().slice(0, 19) }, children);

const everywhere: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

function hostOf(device: Element): string {
  const said = first(device, "listen")?.attributes.address ?? device.attributes.listen ?? "127.0.0.1";
  const address = everywhere[said] ?? said;
  return address.includes(":") ? `[${address}]` : address;
}
