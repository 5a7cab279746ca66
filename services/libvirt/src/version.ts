import { readFileSync } from "node:fs";

const packageJson = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Version of this provider. */
export const providerVersion = packageJson.version;
/** Version of the contract that it implements. */
export const contractVersion = "1.0";
