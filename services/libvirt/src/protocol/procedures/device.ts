import { array, struct } from "../../xdr/composites.ts";
import { int, uhyper, uint } from "../../xdr/numbers.ts";
import { AddressSource } from "../constants.ts";
import { SetVcpus } from "../flags.ts";
import { procedure, QEMU_PROGRAM } from "../procedure.ts";
import { domain, flags, optionalText, text } from "../types.ts";

const MAX_INTERFACES = 2048;
const MAX_ADDRESSES = 2048;

/** 0 IPv4, 1 IPv6. */
const address = struct({ type: int, address: text, prefix: uint });

/** Changing a domain's resources and devices, and what its guest tells of itself. */
export const deviceProcedures = {
  domainSetVcpusFlags: procedure(199, {
    args: { domain, vcpus: uint, flags },
    lane: ({ flags }) => ((flags ?? 0) & SetVcpus.GUEST ? "agent" : "long"),
  }),
  /** In KiB. */
  domainSetMemoryFlags: procedure(204, { args: { domain, memory: uhyper, flags }, lane: "long" }),
  domainAttachDeviceFlags: procedure(160, { args: { domain, xml: text, flags }, lane: "long" }),
  /** Only asks a running guest to let go of it. */
  domainDetachDeviceFlags: procedure(161, { args: { domain, xml: text, flags }, lane: "long" }),
  domainUpdateDeviceFlags: procedure(174, { args: { domain, xml: text, flags }, lane: "long" }),
  /** `disk` is a target or path; `size` in KiB, or in bytes with BlockResize.BYTES. */
  domainBlockResize: procedure(251, { args: { domain, disk: text, size: uhyper, flags }, lane: "long" }),

  domainInterfaceAddresses: procedure(353, {
    args: { domain, source: uint, flags },
    returns: {
      interfaces: array(
        struct({ name: text, mac: optionalText, addresses: array(address, MAX_ADDRESSES) }),
        MAX_INTERFACES,
      ),
    },
    lane: ({ source }) => (source === AddressSource.AGENT ? "agent" : "control"),
  }),
  /** JSON for the QEMU guest agent. `timeout` in seconds: -2 forever, -1 libvirt's default, 0 not at all. */
  domainAgentCommand: procedure(3, {
    args: { domain, command: text, timeout: int, flags },
    returns: { result: optionalText },
    lane: "agent",
    program: QEMU_PROGRAM,
  }),
};
