import { isIP } from "node:net";

/** Where libvirtd is, and by which way. */
export type Target = {
  /** What libvirtd itself is asked to open: "qemu:///system". */
  readonly name: string;
  /** "qemu": which driver. */
  readonly driver: string;
} & (
  | { readonly transport: "unix"; readonly socket?: string }
  | {
      readonly transport: "ssh";
      readonly host: string;
      readonly port?: number;
      readonly user?: string;
      readonly socket?: string;
      readonly keyFile?: string;
      readonly knownHostsFile?: string;
    }
  | { readonly transport: "tls"; readonly host: string; readonly port: number; readonly pkiPath?: string }
);

const TLS_PORT = 16_514;
const FORM = "driver[+unix|+ssh|+tls]://[user@][host][:port]/path";

/** Parameters that this client knows, by the transport they belong to. */
const PARAMETERS = {
  unix: ["socket"],
  ssh: ["socket", "keyfile", "known_hosts"],
  tls: ["pkipath"],
} as const;

/**
 * Reads a libvirt URI: qemu:///system, qemu:///session, qemu+unix:///system?socket=…, qemu+ssh://user@host/system
 * (?keyfile=…&known_hosts=…&socket=…), qemu+tls://host/system (?pkipath=…). As with libvirt, a host without a
 * transport means TLS. Throws TypeError that says what is wrong with it.
 */
export function parseLibvirtUri(uri: string): Target {
  const url = URL.canParse(uri) ? new URL(uri) : refuse(uri, `it is not of the form ${FORM}`);
  const [driver = "", explicit] = url.protocol.slice(0, -1).split("+");
  const transport = transportOf(uri, explicit, url.hostname);
  if (url.password !== "") refuse(uri, "it must not hold a password: use a key or certificate");
  if (!/^\/[\w.-]+$/.test(url.pathname)) refuse(uri, "its path must be one word, as in qemu:///system");
  const parameter = parametersOf(uri, url, PARAMETERS[transport]);
  const base = { name: `${driver}://${url.pathname}`, driver };
  if (transport === "unix") return { ...base, transport, ...named("socket", parameter("socket")) };
  const host = hostOf(uri, url);
  if (transport === "tls") {
    const port = url.port === "" ? TLS_PORT : Number(url.port);
    return { ...base, transport, host, port, ...named("pkiPath", parameter("pkipath")) };
  }
  return {
    ...base,
    transport,
    host,
    ...named("port", url.port === "" ? undefined : Number(url.port)),
    ...named("user", userOf(uri, url)),
    ...named("socket", parameter("socket")),
    ...named("keyFile", parameter("keyfile")),
    ...named("knownHostsFile", parameter("known_hosts")),
  };
}

function transportOf(uri: string, explicit: string | undefined, host: string): Target["transport"] {
  if (explicit === undefined) return host === "" ? "unix" : "tls";
  if (explicit === "unix" && host !== "") refuse(uri, "a unix socket has no host: use +ssh or +tls");
  if (explicit === "unix" || explicit === "ssh" || explicit === "tls") return explicit;
  return refuse(uri, `transport "${explicit}" is not unix, ssh or tls`);
}

/** What ssh could take for an option, or a remote shell for a command, is not a name. */
function hostOf(uri: string, url: URL): string {
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 || /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(host)) return host;
  return refuse(uri, host === "" ? "it needs a host" : `"${host}" is not a host name`);
}

function userOf(uri: string, url: URL): string | undefined {
  if (url.username === "") return undefined;
  const user = decodeURIComponent(url.username);
  return /^\w[\w.@\\-]*$/.test(user) ? user : refuse(uri, `"${user}" is not a user name`);
}

function parametersOf(uri: string, url: URL, known: readonly string[]) {
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name)) refuse(uri, `parameter "${name}" is not one of ${known.join(", ")}`);
  }
  return (name: string) => {
    const value = url.searchParams.get(name) ?? undefined;
    if (value !== undefined && !value.startsWith("/")) refuse(uri, `${name} must be an absolute path`);
    return value;
  };
}

function named<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V };
}

function refuse(uri: string, why: string): never {
  // A password that should not be there must not go into logs either.
  const shown = uri.replace(/:\/\/[^/]*@/, "://…@");
  throw new TypeError(`libvirt URI "${shown}": ${why}`);
}
