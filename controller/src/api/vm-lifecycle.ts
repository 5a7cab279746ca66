import { z } from "zod";
import { duration, integer } from "./fields.ts";

const Handler = z.strictObject({
  exec: z
    .strictObject({ command: z.array(z.string()).min(1).describe("Command and arguments.") })
    .optional()
    .describe("Run a command in the guest."),
  httpGet: z
    .strictObject({
      path: z.string().optional(),
      port: integer(1, 65_535),
      host: z.string().optional().describe("Host. Absent: the VM's address."),
      scheme: z.enum(["HTTP", "HTTPS"]).optional(),
    })
    .optional()
    .describe("Send an HTTP GET request."),
  snapshot: z
    .strictObject({
      name: z.string(),
      includeMemory: z.boolean().optional(),
      description: z.string().optional(),
    })
    .optional()
    .describe("Take a snapshot."),
});

/** What happens around starting and stopping a VM. */
export const Lifecycle = z.strictObject({
  gracefulShutdownTimeout: duration().optional().describe("Time the guest has to shut down. Absent: 60s."),
  preStop: Handler.optional().describe("Hook before the VM stops."),
  postStart: Handler.optional().describe("Hook after the VM started."),
});
