import { NestedPolicy, VMSpec } from "@virtrigaud/proto";
import type { Libvirt } from "@virtrigaud/provider-libvirt/client";
import { buildGuestImage, type PrivateLibvirtd } from "@virtrigaud/test-tools";

const mib = 1024 ** 2;

/** Puts the test guest's image into the pool, and answers the spec of a nested hypervisor made of it. @throws DebianPackagesMissing */
export async function nestedHypervisor(libvirtd: PrivateLibvirtd): Promise<VMSpec> {
  const { path } = await buildGuestImage({ firmware: "bios" }, console.error);
  return specOf(await libvirtd.addImage(path, "guest.qcow2"));
}

/** The same with an image that holds nothing, so that its guests take no time from what is measured. */
export async function imageAndSeed(libvirt: Libvirt): Promise<VMSpec> {
  const { pool } = await libvirt.call("storagePoolLookupByName", { name: "default" });
  const { vol } = await libvirt.call("storageVolCreateXml", { pool, xml: emptyImage });
  return specOf(vol.key);
}

const emptyImage = `<volume>
  <name>empty.qcow2</name>
  <capacity unit="MiB">64</capacity>
  <target><format type="qcow2"/></target>
</volume>`;

const specOf = (path: string): VMSpec =>
  VMSpec.fromPartial({
    cpus: 1,
    memoryBytes: 384 * mib,
    nestedVirtualization: { policy: NestedPolicy.REQUIRED },
    image: { name: "guest", libvirt: { path } },
    disks: [{ name: "root" }],
    cloudInit: { userData: "#cloud-config\nhostname: nested-hypervisor\n" },
  });
