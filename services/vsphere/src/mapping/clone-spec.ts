import { DiskProvisioning, type VMSpec } from "@virtrigaud/proto";
import type {
  VirtualDevice,
  VirtualDisk,
  VirtualMachineCloneSpec,
  VirtualMachineConfigSpec,
  VirtualMachineRelocateSpecDiskLocator,
} from "../vim/types.ts";
import { policyProfile, provisioningFlags } from "./disk-fields.ts";
import type { Placement } from "./placement.ts";
import { disksOf, isDisk } from "./scsi-slots.ts";
import type { VmStorage } from "./storage.ts";
import type { Template } from "./template.ts";

/** How a template is cloned: where the VM and each of its disks go, and the configuration that it gets on the way. */
export function cloneSpec(
  template: Template,
  spec: VMSpec,
  config: VirtualMachineConfigSpec,
  placement: Placement,
  storage: VmStorage,
): VirtualMachineCloneSpec {
  const { host, pool } = placement;
  const disk = disksOf(template.config.hardware.device ?? []).map((device, index) =>
    locator(device, spec.disks[index], storage),
  );
  return {
    location: {
      datastore: { type: "Datastore", value: storage.home.id },
      pool: { type: "ResourcePool", value: pool },
      ...(host === undefined ? {} : { host: { type: "HostSystem", value: host.id } }),
      ...(disk.length === 0 ? {} : { disk }),
    },
    template: false,
    config: withoutGrowth(config),
    powerOn: false,
  };
}

/**
 * A clone's disks are grown once they exist, by the correction that follows: before, a disk could only be named by the template's
 * own file.
 */
function withoutGrowth({ deviceChange = [], ...config }: VirtualMachineConfigSpec): VirtualMachineConfigSpec {
  const others = deviceChange.filter(({ operation, device }) => operation !== "edit" || !isDisk(device));
  return { ...config, ...(others.length === 0 ? {} : { deviceChange: others }) };
}

/** Devices of a clone as its disk locators will have left them: on the chosen datastores, provisioned as asked. */
export function relocated(
  devices: readonly VirtualDevice[],
  spec: VMSpec,
  { home, disks }: VmStorage,
): VirtualDevice[] {
  const order = disksOf(devices);
  return devices.map((device) => {
    const { backing } = device;
    if (device.$type !== "VirtualDisk" || backing?.$type !== "VirtualDiskFlatVer2BackingInfo") return device;
    const wanted = spec.disks[order.indexOf(device)];
    const { datastore } = disks.get(wanted?.name ?? "") ?? { datastore: home };
    const provisioning = provisioningFlags(wanted?.provisioning ?? DiskProvisioning.UNSPECIFIED);
    return { ...device, backing: { ...backing, fileName: `[${datastore.name}]`, ...provisioning } };
  });
}

/** A disk of the template that the spec does not name goes where the VM's own files go. */
function locator(
  { key }: VirtualDisk,
  wanted: VMSpec["disks"][number] | undefined,
  { home, disks }: VmStorage,
): VirtualMachineRelocateSpecDiskLocator {
  const place = disks.get(wanted?.name ?? "") ?? { datastore: home };
  const provisioning = provisioningFlags(wanted?.provisioning ?? DiskProvisioning.UNSPECIFIED);
  return {
    diskId: key,
    datastore: { type: "Datastore", value: place.datastore.id },
    ...(Object.keys(provisioning).length === 0
      ? {}
      : {
          diskBackingInfo: {
            $type: "VirtualDiskFlatVer2BackingInfo",
            fileName: "",
            diskMode: "persistent",
            ...provisioning,
          },
        }),
    ...policyProfile(place.policy),
  };
}
