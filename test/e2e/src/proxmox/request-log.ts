import type { LoggedRequest } from "@virtrigaud/fakes";
import { sampleTemplate } from "./sample-life.ts";

/** A part of a life and what the provider asked meanwhile. */
export interface Step {
  readonly name: string;
  readonly requests: readonly LoggedRequest[];
}

/** Polls, whose number tells how fast the machine is; and the health probe. */
const isPoll = ({ path }: LoggedRequest) => path.includes("/tasks") || path === "/version";

/** What is looked at again after 15 seconds at the earliest, and so on a slow machine only in a later step. */
const remembered = new RegExp(
  `^/(access/permissions|nodes(/[^/]+/(status|version|network|storage|capabilities/.*|qemu/${sampleTemplate.vmid}/pending))?)$`,
);

/** Requests that count as a caller's: without polls, and without what is remembered. */
export const counted = (requests: readonly LoggedRequest[]): string[] =>
  withoutRemembered(requests.filter((request) => !isPoll(request))).map(
    ({ method, path }) => `${method} ${path}`,
  );

const heading = `Every request of the sample's life on Proxmox VE 9.2, by sample-life.test.ts; UPDATE_GOLDEN=1 writes it anew.
Left out: looks at tasks, and after the first step what is read every 15 seconds only. Reads between two changes are in the order of their
paths. In <> or as {…}: what differs from life to life, or is looked at elsewhere.
`;

/** A text that is the same for each life: of the first step everything, later what is not remembered. */
export const writeLog = (steps: readonly Step[]): string =>
  [heading, ...steps.map(({ name, requests }, index) => writeStep(name, requests, index > 0))].join("\n");

function writeStep(name: string, requests: readonly LoggedRequest[], isLater: boolean): string {
  const told = requests.filter((request) => !isPoll(request));
  const lines = inOrder(isLater ? withoutRemembered(told) : told).flatMap(writeRequest);
  return [`# ${name}`, ...lines, ""].join("\n");
}

function withoutRemembered(requests: readonly LoggedRequest[]): LoggedRequest[] {
  // Each look at the cluster has a list of all VMs of its own.
  let looks = requests.filter(({ path }) => path === "/nodes").length;
  return requests.filter(
    ({ path }) => !remembered.test(path) && !(path === "/cluster/resources" && looks-- > 0),
  );
}

/** Reads between two changes go out together, and arrive in any order. */
function inOrder(requests: readonly LoggedRequest[]): LoggedRequest[] {
  const change = (request: LoggedRequest) => request.method !== "GET";
  let group = 0;
  const grouped = requests.map((request, index) => {
    const before = requests[index - 1];
    if (before !== undefined && (change(request) || change(before))) group += 1;
    return { request, group };
  });
  return grouped
    .sort((a, b) => a.group - b.group || (a.request.path < b.request.path ? -1 : 1))
    .map(({ request }) => request);
}

function writeRequest({ method, path, parameters }: LoggedRequest): string[] {
  const names = Object.keys(parameters)
    // PVE's server adds the name under which it keeps an upload.
    .filter((name) => name !== "tmpfilename")
    .sort();
  return [`${method} ${path}`, ...names.flatMap((name) => writeParameter(name, parameters[name]))];
}

function writeParameter(name: string, value: unknown): string[] {
  const text = Array.isArray(value) ? value.map(stable).join(" ") : stable(String(value));
  const [first, ...rest] = name === "digest" || name === "pid" ? [`<${name}>`] : text.split("\n");
  return [`  ${name}: ${first}`, ...rest.map((line) => `    ${line}`)];
}

/** Without what differs from life to life, and without what tests of the mapping look at. */
const stable = (text: string): string =>
  text.includes("say end yes")
    ? "<the proof's script>"
    : text
        .replace(/"fingerprint":"[0-9a-f]{64}"/g, '"fingerprint":"<SHA-256>"')
        .replace(/"verifiedAt":"[^"]+"/g, '"verifiedAt":"<time>"')
        .replace(/(virtrigaud\.io\/spec )\{.*\}( -->)/g, "$1{…}$2");
