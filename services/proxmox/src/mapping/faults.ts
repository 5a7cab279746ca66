import type { Violation } from "@virtrigaud/proto";
import { type FaultMeaning, meaningOfText, unlisted } from "./fault-meanings.ts";
import { fieldOfOption } from "./option-fields.ts";

/** A refusal as Proxmox VE words it. */
export interface Fault {
  /** HTTP's: 400 parameters, 401 login, 403 privilege, 501 no such path, 595 and up a node that does not answer, 500 the rest. */
  status: number;
  /** Of the status line, which is where Proxmox VE says what is wrong. */
  reason: string;
  /** What is wrong with which parameter; empty but for a 400. */
  errors: Readonly<Record<string, string>>;
}

/** What a refusal means. */
export function faultMeaning({ status, reason, errors }: Fault): FaultMeaning {
  if (status === 401)
    return {
      code: "FAILED_PRECONDITION",
      reason: "HYPERVISOR_CREDENTIALS",
      remedy:
        "correct the API token or the password in the credentials secret, or make a new token: pveum user token add USER NAME",
    };
  if (status === 403) return permissionMeaning(reason);
  if (status === 400) return parameterMeaning(errors);
  if (status === 501)
    return {
      code: "UNIMPLEMENTED",
      reason: "HYPERVISOR_VERSION",
      remedy: "this Proxmox VE is too old for it; upgrade the node",
    };
  if (status >= 595 && status <= 599)
    return {
      code: "UNAVAILABLE",
      reason: "NODE_UNREACHABLE",
      remedy: "the node does not answer the cluster; start it, and repeat the call",
    };
  return rootMeaning(reason) ?? meaningOfText(reason) ?? unlisted;
}

/** "Permission check failed (/vms/121, VM.Config.CPU)" names the path and the privilege; of several, one is enough. */
function permissionMeaning(reason: string): FaultMeaning {
  const [, path, privileges] = /\((\/[^,]*), ([^)]+)\)/.exec(reason) ?? [];
  const missing =
    path === undefined || privileges === undefined
      ? "the privileges that docs/providers/proxmox.md lists"
      : `${privileges.replaceAll("|", " or ").replaceAll(",", " and")} on ${path}`;
  return {
    code: "FAILED_PRECONDITION",
    reason: "HYPERVISOR_PERMISSION",
    remedy: `give the provider's token ${missing}: pveum acl modify ${path ?? "PATH"} --tokens 'USER@REALM!NAME' --roles ROLE; a token with privilege separation needs it beside its user`,
  };
}

function rootMeaning(reason: string): FaultMeaning | undefined {
  const option = /only root can set '([^']+)' config/i.exec(reason)?.[1];
  if (option === undefined && !/^only root (?:may|can) /i.test(reason)) return undefined;
  return {
    code: "FAILED_PRECONDITION",
    reason: "HYPERVISOR_PERMISSION",
    remedy: `Proxmox VE lets no API token do this, not even root's${option === undefined ? "" : `; leave ${option} out, or have root set it`}`,
  };
}

function parameterMeaning(errors: Fault["errors"]): FaultMeaning {
  if (/no such task/.test(errors.upid ?? ""))
    return {
      code: "NOT_FOUND",
      reason: "NOT_FOUND",
      remedy: "the node has forgotten the task; look and repeat the call",
    };
  const known = Object.values(errors).flatMap((text) => rootMeaning(text) ?? meaningOfText(text) ?? []);
  return (
    known[0] ?? {
      code: "FAILED_PRECONDITION",
      reason: "CONFIGURATION_REFUSED",
      remedy: "this Proxmox VE does not take the parameter; its words name what it would",
    }
  );
}

/** The knobs that a refusal is about, by Proxmox VE's names of the parameters. */
export const faultViolations = (fault: Fault): Violation[] =>
  Object.entries(fault.errors).flatMap(([parameter, text]) => {
    const field = fieldOfOption(parameter);
    const { reason } = faultMeaning(fault);
    return field === undefined ? [] : [{ field, reason, description: `${parameter}: ${text.trim()}` }];
  });

/** One sentence for people: what was done, what Proxmox VE said, what to do. */
export function faultSentence(action: string, fault: Fault): string {
  const details = Object.entries(fault.errors).map(([name, text]) => `${name}: ${oneLine(text)}`);
  const said = [oneLine(fault.reason) || "no further words", ...details].join("; ");
  return `${action}: Proxmox VE ${fault.status}: ${said}; ${faultMeaning(fault).remedy}`;
}

const oneLine = (text: string): string => text.trim().replace(/\s+/g, " ");
