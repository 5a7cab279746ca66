import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import {
  CloneMode,
  CloneVMRequest,
  CreateSnapshotRequest,
  type NestingVerification,
  type Operation,
  PowerAction,
  ReconfigureVMRequest,
  SetPowerRequest,
  VMSpec,
} from "@virtrigaud/proto";
import { nestedSpec } from "../specs.ts";

const GiB = 1024 ** 3;

// They are part of what is sent: a life that is compared with a golden file needs the same ones each time.
const uid = "5a3f1c9e-0000-4000-8000-000000000001";
const cloneUid = "5a3f1c9e-0000-4000-8000-000000000002";
const controllerId = "e2e";

/** Template that the sample's VM is made from. */
export const sampleTemplate = { vmid: 9000, name: "ubuntu-22.04" };

/** deploy/samples/nested/proxmox.yaml as the controller translates it, with an interface. */
export function sampleSpec({ hasIommu }: { hasIommu: boolean }): VMSpec {
  return VMSpec.fromPartial({
    ...nestedSpec("nested-hypervisor-pve"),
    iommu: hasIommu,
    image: { name: "ubuntu-server-22-04", proxmox: { templateName: sampleTemplate.name } },
    networkInterfaces: [{ name: "lan", proxmox: { bridge: "vmbr0" } }],
  });
}

/** A part of a life; `proof` is what a verification said. */
export interface LifeStep {
  readonly name: string;
  readonly run: () => Promise<NestingVerification | void>;
}

/** The sample's VM from its plan to its deletion, step by step. */
export const sampleLife = (connection: ProviderConnection, spec: VMSpec): LifeStep[] => [
  { name: "plan", run: async () => void (await connection.planVm({ uid: "", spec })) },
  {
    name: "create from a template, with user-data",
    run: async () =>
      void (await untilComplete(connection, (options) =>
        connection.createVm({ uid, spec, controllerId }, options),
      )),
  },
  {
    name: "start",
    run: async () => {
      const request = SetPowerRequest.fromPartial({ uid, action: PowerAction.ON });
      await ended(connection, await connection.setPower(request));
    },
  },
  { name: "verify", run: () => verify(connection) },
  { name: "snapshot", run: () => snapshot(connection) },
  { name: "resize", run: () => resize(connection, spec) },
  { name: "clone", run: () => clone(connection) },
  { name: "delete", run: () => deleteSample(connection) },
];

/** Deletes what a life has made so far. */
export async function deleteSample(connection: ProviderConnection): Promise<void> {
  for (const gone of [cloneUid, uid])
    await untilComplete(connection, (options) =>
      connection.deleteVm({ uid: gone, retainDisks: false }, options),
    );
}

function ended(
  connection: ProviderConnection,
  { operation }: { operation?: Operation | undefined },
): Promise<Operation> {
  if (operation === undefined) throw new Error("an answer without an operation");
  return waitForOperation(connection, operation);
}

async function verify(connection: ProviderConnection): Promise<NestingVerification | void> {
  const answer = await connection.verifyNesting({ uid, guestCredentials: undefined });
  const { result } = await ended(connection, answer);
  if (result?.$case === "nestingVerification") return result.value;
}

async function snapshot(connection: ProviderConnection): Promise<void> {
  const request = CreateSnapshotRequest.fromPartial({ uid, name: "before-lab", description: "fresh" });
  await ended(connection, await connection.createSnapshot(request));
  const reverted = { uid, snapshotId: request.name, overrideNestedGuard: false };
  await ended(connection, await connection.revertSnapshot(reverted));
  const on = SetPowerRequest.fromPartial({ uid, action: PowerAction.ON });
  await ended(connection, await connection.setPower(on));
  await ended(connection, await connection.deleteSnapshot({ uid, snapshotId: request.name }));
}

async function resize(connection: ProviderConnection, spec: VMSpec): Promise<void> {
  const disks = spec.disks.map((disk) => ({ ...disk, sizeBytes: 250 * GiB }));
  const request = ReconfigureVMRequest.fromPartial({ uid, spec: { ...spec, cpus: 12, disks } });
  await untilComplete(connection, (options) => connection.reconfigureVm(request, options));
}

async function clone(connection: ProviderConnection): Promise<void> {
  const request = CloneVMRequest.fromPartial({
    ...{ uid: cloneUid, name: "nested-hypervisor-copy", controllerId, mode: CloneMode.FULL },
    source: { reference: { $case: "uid", value: uid } },
    cloudInit: { userData: "#cloud-config\nhostname: nested-hypervisor-copy\n" },
  });
  await untilComplete(connection, (options) => connection.cloneVm(request, options));
}
