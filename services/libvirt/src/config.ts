import { ConfigError, type ConfigProblem, readConfigFile } from "@virtrigaud/kit";
import { z } from "zod";
import { parseLibvirtUri, type SshFiles, type Target, type TlsFiles } from "./client/index.ts";
import type { Settings } from "./mapping/settings.ts";

/** Where libvirtd is, how it is reached, and what the operator decided for every VM. */
export interface LibvirtConfig {
  /** libvirt URI, "qemu+ssh://admin@host/system". */
  uri: string;
  ssh: SshFiles;
  /** Undefined: those that libvirt's conventions or the URI name. */
  tls: TlsFiles | undefined;
  /** "auto" proves KVM by booting a guest, and emulates where that fails. */
  accel: "auto" | "kvm" | "tcg";
  settings: Settings;
  /** Hosts on loopback or link-local addresses that images may be downloaded from all the same. */
  allowedImageHosts: readonly string[];
}

/** Files of the credentials folder; each may be missing. */
export interface Files {
  /** Text of a file; throws an Error that says why not. */
  read(path: string): string;
  exists(path: string): boolean;
}

const name = z.string().min(1);
/** What is for other hypervisors is let through: one Provider's settings may serve several kinds. */
const fileSchema = z.strictObject({
  defaults: z.object({ datastore: name, network: name }).partial().default({}),
  storageClasses: z
    .record(
      z.string(),
      z
        .object({ pool: name.optional() })
        .refine(({ pool }) => pool !== undefined, "names no pool, which is what libvirt has"),
    )
    .default({}),
  accel: z.enum(["auto", "kvm", "tcg"]).default("auto"),
  cpuMode: z.enum(["host-model", "host-passthrough"]).default("host-model"),
  allowedImageHosts: z.array(name).default([]),
  caFile: name.optional(),
  rateLimit: z.unknown().optional(),
});

/** Reads the provider's own variables, its configuration file and which credentials there are; throws ConfigError with every problem. */
export function readLibvirtConfig(env: NodeJS.ProcessEnv, files: Files): LibvirtConfig {
  const problems: ConfigProblem[] = [];
  const report = (variable: string, message: string): undefined => void problems.push({ variable, message });
  const directory = env.VIRTRIGAUD_CREDENTIALS_DIR || "/etc/virtrigaud/credentials";
  const credential = (file: string) => {
    const path = `${directory}/${file}`;
    return files.exists(path) ? path : undefined;
  };
  const file = readConfigFile(env, fileSchema, (path) => files.read(path), problems);
  const endpoint = readEndpoint(env.PROVIDER_ENDPOINT ?? "", credential("username"), files, report);
  if (endpoint !== undefined) checkCredentials(endpoint.target, credential, env, report);
  if (endpoint === undefined || file === undefined || problems.length > 0) throw new ConfigError(problems);
  return {
    uri: endpoint.uri,
    ssh: { keyFile: credential("ssh-privatekey"), knownHostsFile: credential("known_hosts") },
    tls: tlsFiles(credential, file.caFile),
    accel: file.accel,
    settings: settings(file),
    allowedImageHosts: file.allowedImageHosts,
  };
}

type Report = (variable: string, message: string) => undefined;

function readEndpoint(uri: string, usernameFile: string | undefined, files: Files, report: Report) {
  if (uri === "")
    return report(
      "PROVIDER_ENDPOINT",
      "is missing; set it to a libvirt URI, e.g. qemu+ssh://admin@host/system",
    );
  try {
    const target = parseLibvirtUri(uri);
    if (target.driver !== "qemu")
      return report(
        "PROVIDER_ENDPOINT",
        `names libvirt's ${target.driver} driver; this provider is for qemu`,
      );
    if (target.transport !== "ssh" || target.user !== undefined || usernameFile === undefined)
      return { uri, target };
    const url = new URL(uri);
    url.username = encodeURIComponent(files.read(usernameFile).trim());
    return { uri: url.href, target: parseLibvirtUri(url.href) };
  } catch (error) {
    return report("PROVIDER_ENDPOINT", (error as Error).message);
  }
}

function checkCredentials(
  { transport }: Target,
  credential: (file: string) => string | undefined,
  env: NodeJS.ProcessEnv,
  report: Report,
): void {
  if (env.TLS_INSECURE_SKIP_VERIFY === "true" && transport !== "unix")
    report(
      "TLS_INSECURE_SKIP_VERIFY",
      "libvirt hosts are always checked; give known_hosts (ssh) or ca.crt (tls) in the credentials secret instead",
    );
  const hasPasswordOnly = credential("password") !== undefined && credential("ssh-privatekey") === undefined;
  if (transport === "ssh" && hasPasswordOnly)
    report(
      "VIRTRIGAUD_CREDENTIALS_DIR",
      "holds a password and no ssh-privatekey; ssh is used without passwords: add a key as ssh-privatekey",
    );
}

function tlsFiles(
  credential: (file: string) => string | undefined,
  configured: string | undefined,
): TlsFiles | undefined {
  const [caFile, certFile, keyFile] = [
    configured ?? credential("ca.crt"),
    credential("tls.crt"),
    credential("tls.key"),
  ];
  if (caFile === undefined || certFile === undefined || keyFile === undefined) return undefined;
  return { caFile, certFile, keyFile };
}

function settings({ defaults, storageClasses, cpuMode }: z.output<typeof fileSchema>): Settings {
  const { datastore, network } = defaults;
  const classes = Object.entries(storageClasses).map(([key, { pool = key }]) => [key, { pool }] as const);
  return {
    ...(datastore === undefined ? {} : { defaultPool: datastore }),
    ...(network === undefined ? {} : { defaultNetwork: network }),
    storageClasses: Object.fromEntries(classes),
    cpuMode,
  };
}
