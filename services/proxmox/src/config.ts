import { ConfigError, type ConfigProblem, readConfigFile } from "@virtrigaud/kit";
import { z } from "zod";
import { parseEndpoint, type ServerTrust } from "./client/index.ts";
import type { Settings } from "./mapping/settings.ts";

/** Where Proxmox VE is, how it is trusted, and what the operator decided for every VM. */
export interface ProxmoxConfig {
  /** Of any node: "https://pve.example.com:8006". */
  endpoint: string;
  trust: ServerTrust;
  /** Folder with the files token_id and token_secret, or username and password; read at each login, so that a rotation needs no restart. */
  credentialsDirectory: string;
  settings: Settings;
}

const name = z.string().min(1);
const vmid = z.int().min(100).max(999_999_999);

/** What is for other hypervisors is let through: one Provider's settings may serve several kinds. */
const fileSchema = z.strictObject({
  defaults: z
    .object({
      node: name,
      storage: name,
      imageStorage: name,
      bridge: name,
      pool: name,
      // The names that Provider.spec.defaults has for them.
      datastore: name,
      network: name,
      resourcePool: name,
    })
    .partial()
    .default({}),
  storageClasses: z
    .record(
      z.string(),
      z
        .object({ storage: name.optional() })
        .refine(({ storage }) => storage !== undefined, "names no storage, which is what Proxmox VE has"),
    )
    .default({}),
  accel: z.enum(["auto", "kvm", "tcg"]).default("auto"),
  cpuModel: name.optional(),
  vmids: z
    .strictObject({ first: vmid, last: vmid })
    .refine(({ first, last }) => first <= last, "its first is above its last")
    .default({ first: 100, last: 999_999_999 }),
  caFile: name.optional(),
  fingerprint: z
    .string()
    .regex(/^([0-9a-f]{2}:?){32}$/i, "expected 32 hex bytes, with or without colons")
    .optional(),
  rateLimit: z.unknown().optional(),
});
type File = z.output<typeof fileSchema>;

/** Reads the provider's own variables and its configuration file; throws ConfigError with every problem. `readFile` reads a text file. */
export function readProxmoxConfig(env: NodeJS.ProcessEnv, readFile: (path: string) => string): ProxmoxConfig {
  const problems: ConfigProblem[] = [];
  const report = (variable: string, message: string): undefined => void problems.push({ variable, message });
  const endpoint = readEndpoint(env.PROVIDER_ENDPOINT ?? "", report);
  const file = readConfigFile(env, fileSchema, readFile, problems);
  const trust = file && readTrust(env.TLS_INSECURE_SKIP_VERIFY, file, readFile, report);
  if (endpoint === undefined || file === undefined || trust === undefined || problems.length > 0)
    throw new ConfigError(problems);
  return {
    endpoint,
    trust,
    credentialsDirectory: env.VIRTRIGAUD_CREDENTIALS_DIR || "/etc/virtrigaud/credentials",
    settings: settings(file),
  };
}

type Report = (variable: string, message: string) => undefined;

const EXAMPLE = "https://pve.example.com:8006";

function readEndpoint(endpoint: string, report: Report): string | undefined {
  const variable = "PROVIDER_ENDPOINT";
  if (endpoint === "")
    return report(variable, `is missing; set it to the address of a node, e.g. ${EXAMPLE}`);
  const text = endpoint.includes("://") ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(text)) return report(variable, `is not a URL; use e.g. ${EXAMPLE}`);
  const { protocol, username, password } = new URL(text);
  if (protocol !== "https:") return report(variable, "Proxmox VE is spoken to over https only");
  if (username !== "" || password !== "")
    return report(variable, "holds credentials; put them into the credentials secret");
  return parseEndpoint(text);
}

function readTrust(
  skipVerify: string | undefined,
  { fingerprint, caFile }: File,
  readFile: (path: string) => string,
  report: Report,
): ServerTrust | undefined {
  if (skipVerify === "true") return { mode: "insecure" };
  if (skipVerify !== undefined && skipVerify !== "" && skipVerify !== "false")
    return report("TLS_INSECURE_SKIP_VERIFY", "must be true or false");
  if (fingerprint !== undefined) return { mode: "fingerprint", sha256: fingerprint };
  if (caFile === undefined) return { mode: "ca" };
  try {
    return { mode: "ca", caBundle: readFile(caFile) };
  } catch (error) {
    return report("PROVIDER_CONFIG_FILE", `caFile ${caFile} cannot be read: ${(error as Error).message}`);
  }
}

function settings({ defaults, storageClasses, accel, cpuModel, vmids }: File): Settings {
  const chosen = {
    node: defaults.node,
    storage: defaults.storage ?? defaults.datastore,
    imageStorage: defaults.imageStorage,
    bridge: defaults.bridge ?? defaults.network,
    pool: defaults.pool ?? defaults.resourcePool,
    cpuModel,
  };
  const classes = Object.entries(storageClasses).map(
    ([key, { storage = key }]) => [key, { storage }] as const,
  );
  return {
    ...definedOnly(chosen),
    storageClasses: Object.fromEntries(classes),
    accel: accel === "tcg" ? "tcg" : "kvm",
    vmids,
  };
}

function definedOnly<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}
