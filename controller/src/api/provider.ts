import { z } from "zod";
import { duration, integer, inventoryName, objectRef } from "./fields.ts";
import { ProviderRuntime } from "./provider-runtime.ts";
import { plainAnnotations, resource } from "./resource.ts";

const URL_SCHEMES = /^(https?|tcp|grpc|test|qemu(\+(ssh|tcp|tls|unix))?):\/\/\S*$/;

const Defaults = z.strictObject({
  datastore: inventoryName().optional(),
  storagePod: inventoryName().optional().describe("Datastore cluster (vSphere); datastore wins over it."),
  cluster: inventoryName().optional(),
  folder: inventoryName().optional(),
  resourcePool: inventoryName().optional(),
  network: inventoryName().optional(),
});

const HealthCheck = z.strictObject({
  enabled: z.boolean().optional(),
  interval: duration().optional().describe("Time between two checks. Absent: 30s."),
  timeout: duration().optional().describe("Time a check may take. Absent: 10s."),
  failureThreshold: integer(1, 10).optional().describe("Failures in a row until unhealthy. Absent: 3."),
  successThreshold: integer(1, 10).optional().describe("Successes in a row until healthy. Absent: 1."),
});

const ConnectionPooling = z.strictObject({
  maxConnections: integer(1, 100).optional(),
  maxIdleConnections: z.int().min(1).optional(),
  connectionTimeout: duration().optional(),
  idleTimeout: duration().optional(),
});

const NativeStorage = z
  .strictObject({
    datastore: inventoryName().optional().describe("Datastore (vSphere)."),
    policy: inventoryName().optional().describe("Storage policy (vSphere)."),
    pool: inventoryName().optional().describe("Storage pool (libvirt)."),
    storage: inventoryName().optional().describe("Storage (Proxmox VE)."),
  })
  .refine((storage) => Object.keys(storage).length > 0)
  .meta({ title: "a mapping with datastore, policy, pool or storage" });

const ProviderSpec = z.strictObject({
  type: z.enum(["vsphere", "libvirt", "firecracker", "qemu", "proxmox"]).describe("Kind of hypervisor."),
  endpoint: z
    .string()
    .regex(URL_SCHEMES)
    .meta({ title: "a URL such as https://vcenter.example.com/sdk or qemu+ssh://user@host/system" })
    .describe("Where the hypervisor answers."),
  credentialSecretRef: objectRef().describe("Secret with the hypervisor's credentials."),
  insecureSkipVerify: z
    .boolean()
    .optional()
    .describe("Whether any certificate of the hypervisor is accepted."),
  defaults: Defaults.optional().describe("Placement of VMs that name none."),
  rateLimit: z
    .strictObject({
      qps: integer(1, 1000).optional().describe("Calls per second. Absent: 10."),
      burst: integer(1, 2000).optional().describe("Calls at once. Absent: 20."),
    })
    .optional()
    .describe("Limit of calls to the provider."),
  healthCheck: HealthCheck.optional().describe("How the provider's health is watched."),
  connectionPooling: ConnectionPooling.optional(),
  runtime: ProviderRuntime.optional().describe("How the provider daemon runs. Absent: standalone spawns it."),
  storageClasses: z.record(z.string(), NativeStorage).optional().describe("Native storage by storage class."),
  accel: z
    .enum(["auto", "kvm", "tcg"])
    .optional()
    .describe("Acceleration (libvirt, Proxmox VE); tcg runs without hardware help. Absent: auto."),
  naming: z
    .string()
    .regex(/^([^{}]|\{namespace\})*\{name\}([^{}]|\{namespace\}|\{name\})*$/)
    .meta({ title: "a template of {name} and {namespace} that contains {name}" })
    .optional()
    .describe("Native name of a VM. Absent: {name}."),
});

/** Provider: a hypervisor and the daemon that speaks to it. */
export const Provider = resource("Provider", ProviderSpec, plainAnnotations());
/** A validated Provider. */
export type Provider = z.infer<typeof Provider>;
