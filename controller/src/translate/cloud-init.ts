import type { CloudInit } from "@virtrigaud/proto";
import { parse } from "yaml";
import { secretEntries } from "../api/secret.ts";
import type { Report } from "../obstacle.ts";
import type { Inputs } from "./inputs.ts";

/** Keys that a Secret may hold user-data under, in order of preference. */
const USER_DATA_KEYS = ["userdata", "user-data", "cloud-init", "cloud-config"];
const META_DATA_KEYS = ["metadata", "meta-data"];

type Source = { readonly inline?: string | undefined; readonly secretRef?: { name: string } | undefined };

/** First-boot configuration from text or from a Secret; undefined when the VM has none. */
export function cloudInit({ vm, secrets }: Inputs, report: Report): CloudInit | undefined {
  const read = (source: Source | undefined, field: string, keys: readonly string[]): string | undefined => {
    if (source?.secretRef === undefined) return source?.inline;
    const { name } = source.secretRef;
    const secret = secrets.get(name);
    if (secret === undefined) return undefined; // reported where references are resolved
    const entries = secretEntries(secret);
    const key = keys.find((candidate) => entries.has(candidate));
    if (key === undefined) {
      report("SecretKeyMissing", `${field}: Secret ${name} has none of the keys ${keys.join(", ")}`);
    }
    return key === undefined ? undefined : Buffer.from(entries.get(key) ?? []).toString("utf8");
  };
  const userData = read(vm.spec.userData?.cloudInit, "spec.userData.cloudInit.secretRef", USER_DATA_KEYS);
  const metaData = read(vm.spec.metaData?.cloudInit, "spec.metaData.cloudInit.secretRef", META_DATA_KEYS);
  if (userData === undefined && metaData === undefined) return undefined;
  return { userData: userData ?? "", metaData: flatMapping(metaData ?? "", report) };
}

/** The contract carries metadata as names and texts; the parser's own message is not shown, for it may quote a secret. */
function flatMapping(yaml: string, report: Report): Record<string, string> {
  if (yaml.trim() === "") return {};
  const value = parsed(yaml);
  const entries =
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  if (entries === undefined || entries.some(([, item]) => typeof item === "object")) {
    report(
      "MetaDataInvalid",
      "spec.metaData.cloudInit: expected a YAML mapping of names to texts or numbers, without nested structures",
    );
    return {};
  }
  return Object.fromEntries(entries.map(([name, item]) => [name, String(item)]));
}

function parsed(yaml: string): unknown {
  try {
    return parse(yaml);
  } catch {
    return undefined;
  }
}
