import { z } from "zod";
import { confidential, localRef } from "./fields.ts";

const textOrSecret = (what: string) =>
  z.strictObject({
    inline: confidential().optional().describe(`${what} as text.`),
    secretRef: localRef().optional().describe(`Secret that holds ${what}.`),
  });

/** First-boot configuration of the guest. */
export const UserData = z.strictObject({
  cloudInit: textOrSecret("cloud-init user-data").optional(),
  ignition: textOrSecret("an Ignition configuration").optional(),
});

/** Instance metadata for the guest. */
export const MetaData = z.strictObject({
  cloudInit: textOrSecret("cloud-init metadata in YAML").optional(),
});
