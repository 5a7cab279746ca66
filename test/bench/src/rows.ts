import type { Measurement } from "./measurement.ts";
import { createRate } from "./rows/create-rate.ts";
import { createRoundTrips } from "./rows/create-round-trips.ts";
import { createSpeedup } from "./rows/create-speedup.ts";
import { grpcCreateP99, grpcCreateRatio } from "./rows/grpc-create.ts";
import { createRpcs } from "./rows/libvirt-create.ts";
import { listRoundTrips } from "./rows/libvirt-list.ts";
import { stateVersusPython, stateVersusVirsh } from "./rows/libvirt-state.ts";
import { uploadRatio } from "./rows/libvirt-upload.ts";
import { nestedProof } from "./rows/nested-proof.ts";
import { createRequests } from "./rows/proxmox-create.ts";
import { listBlock } from "./rows/proxmox-list.ts";
import { footprints } from "./rows/footprints.ts";

/** Everything that can be measured, in the order of the table. */
export const measurements: readonly Measurement[] = [
  createRoundTrips,
  createRate({ id: "vsphere.create.rate.c1", concurrency: 1, latencyMs: 0, vms: 10 }),
  createRate({ id: "vsphere.create.rate.c8", concurrency: 8, latencyMs: 0, vms: 48 }),
  createRate({ id: "vsphere.create.rate.c32", concurrency: 32, latencyMs: 0, vms: 128 }),
  createRate({ id: "vsphere.create.rate.latency20.c1", concurrency: 1, latencyMs: 20, vms: 8 }),
  createRate({ id: "vsphere.create.rate.latency20.c8", concurrency: 8, latencyMs: 20, vms: 40 }),
  createRate({ id: "vsphere.create.rate.latency20.c32", concurrency: 32, latencyMs: 20, vms: 96 }),
  createSpeedup,
  stateVersusPython,
  stateVersusVirsh,
  listRoundTrips,
  createRpcs,
  uploadRatio,
  nestedProof,
  createRequests,
  listBlock,
  grpcCreateRatio,
  grpcCreateP99,
  ...footprints,
];
