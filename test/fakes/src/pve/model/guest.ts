import type { VmConfig } from "./config.ts";
import { commonPrograms } from "./guest-programs.ts";

/** An interface as the guest agent reports it. */
export interface GuestInterface {
  readonly name: string;
  readonly "hardware-address": string;
  readonly "ip-addresses": readonly {
    readonly "ip-address": string;
    readonly "ip-address-type": "ipv4" | "ipv6";
    readonly prefix: number;
  }[];
}

/** What a program wrote and how it ended. */
export interface ExecResult {
  readonly exitcode: number;
  /** How long it runs, in milliseconds. Default 0. */
  readonly ms?: number;
  readonly out?: string;
  readonly err?: string;
}

/** What runs inside a VM. */
export interface Guest {
  /** Does it run the guest agent? Default true; PVE asks it only when the `agent` option is set. */
  readonly agent?: boolean;
  /** The agent answers so long after the start. Default 0. */
  readonly bootMs?: number;
  /** Commands that its agent's administrator has switched off: "guest-exec". Default none. */
  readonly blocked?: readonly string[];
  /** Does it obey a shutdown request? Default true. */
  readonly shutsDown?: boolean;
  /** Default: lo and one interface per `net` option with an address of 192.0.2.0/24. */
  readonly interfaces?: readonly GuestInterface[];
  readonly osinfo?: Readonly<Record<string, string>>;
  /** Runs a program; undefined when there is no such binary. Default: see commonPrograms. */
  readonly exec?: (argv: readonly string[], input: string | undefined) => ExecResult | undefined;
}

/** What a script knows of the VM that starts. */
export interface GuestView {
  readonly vmid: number;
  readonly node: string;
  /** The configuration it starts with. */
  readonly config: Readonly<VmConfig>;
  /** What its CPU shows: it can host VMs itself when there is something. */
  readonly virtualization: "vmx" | "svm" | undefined;
}

/** Decides at each start what runs inside a VM. */
export type GuestScript = (vm: GuestView) => Guest;

/** A Linux guest that tells the truth about its simulated CPU. */
export const plainGuest: GuestScript = () => ({});

/** The interfaces that a guest reports. */
export function interfacesOf(
  guest: Guest,
  view: Pick<GuestView, "vmid" | "config">,
): readonly GuestInterface[] {
  if (guest.interfaces !== undefined) return guest.interfaces;
  const cards = Object.entries(view.config)
    .filter(([name]) => /^net\d+$/.test(name))
    .map(([name, value]) => ({
      index: Number(name.slice(3)),
      mac: /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/i.exec(value)?.[0],
    }));
  return [loopback, ...cards.map(({ index, mac }) => ethernet(index, mac ?? "", view.vmid))];
}

const loopback: GuestInterface = {
  name: "lo",
  "hardware-address": "00:00:00:00:00:00",
  "ip-addresses": [
    { "ip-address": "127.0.0.1", "ip-address-type": "ipv4", prefix: 8 },
    { "ip-address": "::1", "ip-address-type": "ipv6", prefix: 128 },
  ],
};

function ethernet(index: number, mac: string, vmid: number): GuestInterface {
  return {
    name: `eth${index}`,
    "hardware-address": mac.toLowerCase(),
    "ip-addresses": [
      { "ip-address": `192.0.2.${((vmid + index) % 253) + 1}`, "ip-address-type": "ipv4", prefix: 24 },
    ],
  };
}

/** Runs a program in a guest; undefined when there is no such binary. */
export function execIn(
  guest: Guest,
  virtualization: GuestView["virtualization"],
  argv: readonly string[],
  input: string | undefined,
): ExecResult | undefined {
  return guest.exec === undefined ? commonPrograms(virtualization, argv, input) : guest.exec(argv, input);
}
