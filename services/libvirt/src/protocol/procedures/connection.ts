import { array, optional } from "../../xdr/composites.ts";
import { int, uhyper } from "../../xdr/numbers.ts";
import { procedure, quick } from "../procedure.ts";
import { domain, flag, flags, optionalText, text } from "../types.ts";

const MAX_AUTH_TYPES = 20;
const MAX_BASELINE_CPUS = 256;

/** Capabilities are asked with these left out where the default of the host will do. */
const machine = { emulator: optionalText, arch: optionalText, machine: optionalText, virtType: optionalText };

/** What a connection begins with, and what it registers for: the client's own doing. */
export const sessionProcedures = {
  /** 0 none, 1 SASL, 2 polkit. */
  authList: procedure(66, { returns: { types: array(int, MAX_AUTH_TYPES) } }),
  authPolkit: procedure(70, { returns: { complete: flag } }),
  connectSupportsFeature: procedure(60, { args: { feature: int }, returns: { supported: flag } }),
  connectOpen: procedure(1, { args: { name: optionalText, flags } }),
  /** Without a domain: of all domains. */
  connectDomainEventCallbackRegisterAny: procedure(316, {
    args: { eventId: int, domain: optional(domain) },
    returns: { callbackId: int },
  }),
};

/** The hypervisor and what it can do. */
export const connectionProcedures = {
  connectGetType: quick(3, { returns: { type: text } }),
  /** Of the hypervisor: major * 1,000,000 + minor * 1,000 + release. */
  connectGetVersion: quick(4, { returns: { version: uhyper } }),
  /** Of libvirtd, in the same form. */
  connectGetLibVersion: quick(157, { returns: { version: uhyper } }),
  connectGetHostname: quick(59, { returns: { hostname: text } }),
  connectGetUri: quick(110, { returns: { uri: text } }),
  // These probe QEMU binaries when asked first, which takes seconds.
  connectGetCapabilities: procedure(7, { returns: { capabilities: text }, lane: "long" }),
  connectGetDomainCapabilities: procedure(342, {
    args: { ...machine, flags },
    returns: { capabilities: text },
    lane: "long",
  }),
  connectBaselineHypervisorCpu: procedure(394, {
    args: { ...machine, xmlCpus: array(text, MAX_BASELINE_CPUS), flags },
    returns: { cpu: text },
    lane: "long",
  }),
};
