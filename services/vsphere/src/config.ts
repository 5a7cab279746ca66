import { ConfigError, type ConfigProblem, readConfigFile } from "@virtrigaud/kit";
import { z } from "zod";
import type { ServerTrust } from "./client/tls.ts";
import type { Settings, StorageClass } from "./mapping/settings.ts";

/** Where vCenter is, how it is trusted, and what the operator decided for every VM. */
export interface VsphereConfig {
  /** The SDK's URL, "https://vcenter.example.com/sdk". */
  url: string;
  trust: ServerTrust;
  /** Folder with the files `username` and `password`, read at each login so that a rotation needs no restart. */
  credentialsDirectory: string;
  settings: Settings;
}

const name = z.string().min(1);
const storageClass = z
  .object({ datastore: name, policy: name })
  .partial()
  .refine(
    ({ datastore, policy }) => datastore !== undefined || policy !== undefined,
    "names neither a datastore nor a policy, which is what vSphere has",
  )
  .transform(
    ({ datastore, policy }): StorageClass => ({
      ...(datastore === undefined ? {} : { datastore }),
      ...(policy === undefined ? {} : { policy }),
    }),
  );
const fileSchema = z.strictObject({
  defaults: z
    .object({
      datacenter: name,
      datastore: name,
      cluster: name,
      folder: name,
      resourcePool: name,
      network: name,
    })
    .partial()
    .default({}),
  storageClasses: z.record(z.string(), storageClass).default({}),
  caFile: name.optional(),
  thumbprint: z
    .string()
    .regex(/^([0-9a-f]{2}:?){32}$/i, "expected 32 hex bytes, with or without colons")
    .optional(),
  accel: z.string().optional(),
  rateLimit: z.unknown().optional(),
});

/** Reads the provider's own variables and its configuration file; throws ConfigError with every problem. `readFile` reads a text file. */
export function readVsphereConfig(env: NodeJS.ProcessEnv, readFile: (path: string) => string): VsphereConfig {
  const problems: ConfigProblem[] = [];
  const problem = (variable: string, message: string) => {
    problems.push({ variable, message });
    return undefined;
  };
  const url = sdkUrl(env.PROVIDER_ENDPOINT ?? "", problem);
  const file = readConfigFile(env, fileSchema, readFile, problems);
  const trust = file && readTrust(env.TLS_INSECURE_SKIP_VERIFY, file, readFile, problem);
  if (url === undefined || file === undefined || trust === undefined || problems.length > 0)
    throw new ConfigError(problems);
  return {
    url,
    trust,
    credentialsDirectory: env.VIRTRIGAUD_CREDENTIALS_DIR || "/etc/virtrigaud/credentials",
    settings: {
      defaults: definedOnly(file.defaults),
      storageClasses: file.storageClasses,
    },
  };
}

type Report = (variable: string, message: string) => undefined;

function sdkUrl(endpoint: string, problem: Report): string | undefined {
  if (endpoint === "")
    return problem(
      "PROVIDER_ENDPOINT",
      "is missing; set it to vCenter's address, e.g. https://vcenter.example.com",
    );
  const text = endpoint.includes("://") ? endpoint : `https://${endpoint}`;
  if (!URL.canParse(text))
    return problem("PROVIDER_ENDPOINT", "is not a URL; use e.g. https://vcenter.example.com");
  const url = new URL(text);
  if (url.protocol !== "https:") return problem("PROVIDER_ENDPOINT", "vCenter is spoken to over https only");
  if (url.username !== "" || url.password !== "")
    return problem("PROVIDER_ENDPOINT", "holds credentials; put them into the credentials secret");
  if (url.pathname === "/") url.pathname = "/sdk";
  return url.href;
}

function readTrust(
  skipVerify: string | undefined,
  file: z.output<typeof fileSchema>,
  readFile: (path: string) => string,
  problem: Report,
): ServerTrust | undefined {
  if (skipVerify === "true") return { mode: "insecure" };
  if (skipVerify !== undefined && skipVerify !== "" && skipVerify !== "false")
    return problem("TLS_INSECURE_SKIP_VERIFY", "must be true or false");
  if (file.thumbprint !== undefined) return { mode: "thumbprint", sha256: file.thumbprint };
  if (file.caFile === undefined) return { mode: "ca" };
  try {
    return { mode: "ca", caBundle: readFile(file.caFile) };
  } catch (error) {
    return problem(
      "PROVIDER_CONFIG_FILE",
      `caFile ${file.caFile} cannot be read: ${(error as Error).message}`,
    );
  }
}

function definedOnly(defaults: Record<string, unknown>): Settings["defaults"] {
  return Object.fromEntries(Object.entries(defaults).filter(([, value]) => typeof value === "string"));
}
