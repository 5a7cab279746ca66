import { z } from "zod";
import { integer, kubernetesObject, objectName } from "./fields.ts";

const secretName = () => z.strictObject({ name: objectName() });

const Tls = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe("Whether the connection to the daemon is encrypted. Absent: true."),
  secretRef: secretName().optional().describe("Secret with tls.crt, tls.key and ca.crt."),
  insecureSkipVerify: z.boolean().optional().describe("Whether any certificate of the daemon is accepted."),
});

const Service = z.strictObject({
  port: integer(1024, 65_535).optional().describe("gRPC port. Absent: 9443."),
  tls: Tls.optional(),
});

/** How a provider daemon runs: deployed from an image, reached at an endpoint, or (neither) spawned. */
export const ProviderRuntime = z.strictObject({
  mode: z.enum(["Remote"]).optional(),
  endpoint: z
    .string()
    .regex(/^(dns:\/\/\/[^\s/]+:\d+|unix:\/\/\/\S+)$/)
    .meta({ title: "dns:///host:port or unix:///path" })
    .optional()
    .describe("Daemon that somebody else runs."),
  image: z
    .string()
    .regex(
      /^[a-zA-Z0-9._/-]+(:[0-9]+\/[a-zA-Z0-9._/-]+)?(:[a-zA-Z0-9._-]+)?(@[a-zA-Z0-9]+:[a-fA-F0-9]{64})?$/,
    )
    .meta({ title: "an image reference such as registry/name:tag" })
    .optional()
    .describe("Container image to deploy."),
  imagePullPolicy: z.enum(["Always", "Never", "IfNotPresent"]).optional(),
  imagePullSecrets: z.array(secretName()).max(10).optional(),
  replicas: integer(1, 10).optional(),
  service: Service.optional(),
  resources: kubernetesObject().optional(),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  tolerations: z.array(kubernetesObject()).max(20).optional(),
  affinity: kubernetesObject().optional(),
  securityContext: kubernetesObject().optional(),
  logLevel: z.enum(["debug", "info", "warn", "error"]).optional(),
  logFormat: z.enum(["text", "json"]).optional(),
  env: z.array(kubernetesObject()).max(50).optional(),
  livenessProbe: kubernetesObject().optional(),
  readinessProbe: kubernetesObject().optional(),
});
