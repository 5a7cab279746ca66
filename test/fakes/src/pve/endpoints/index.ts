import type { Endpoint } from "../api/endpoint.ts";
import { accessEndpoints } from "./access.ts";
import { capabilityEndpoints } from "./capabilities.ts";
import { clusterEndpoints } from "./cluster.ts";
import { customCpuEndpoints } from "./custom-cpu.ts";
import { downloadEndpoints } from "./download.ts";
import { nodeEndpoints } from "./nodes.ts";
import { storageEndpoints } from "./storage.ts";
import { storageContentEndpoints } from "./storage-content.ts";
import { taskEndpoints } from "./tasks.ts";
import { uploadEndpoints } from "./upload.ts";
import { versionEndpoints } from "./version.ts";
import { vmAgentEndpoints } from "./vm-agent.ts";
import { vmCloudinitEndpoints } from "./vm-cloudinit.ts";
import { vmConfigEndpoints } from "./vm-config.ts";
import { vmConsoleEndpoints } from "./vm-console.ts";
import { vmCopyEndpoints } from "./vm-copies.ts";
import { vmCreateEndpoints } from "./vm-create.ts";
import { vmDestroyEndpoints } from "./vm-destroy.ts";
import { vmMigrateEndpoints } from "./vm-migrate.ts";
import { vmPowerEndpoints } from "./vm-power.ts";
import { vmResizeEndpoints } from "./vm-resize.ts";
import { vmSnapshotEndpoints } from "./vm-snapshots.ts";

/** Every endpoint that is simulated. */
export const endpoints: readonly Endpoint[] = [
  ...versionEndpoints,
  ...accessEndpoints,
  ...nodeEndpoints,
  ...clusterEndpoints,
  ...taskEndpoints,
  ...capabilityEndpoints,
  ...customCpuEndpoints,
  ...storageEndpoints,
  ...storageContentEndpoints,
  ...downloadEndpoints,
  ...uploadEndpoints,
  ...vmCreateEndpoints,
  ...vmConfigEndpoints,
  ...vmPowerEndpoints,
  ...vmSnapshotEndpoints,
  ...vmCopyEndpoints,
  ...vmResizeEndpoints,
  ...vmDestroyEndpoints,
  ...vmMigrateEndpoints,
  ...vmCloudinitEndpoints,
  ...vmAgentEndpoints,
  ...vmConsoleEndpoints,
];
