import type { Domain, Libvirt } from "@virtrigaud/provider-libvirt/client";
import { inParallel } from "../load.ts";

/** Defines domains that nobody owns, off, each with a disk of its own in the pool `default`. */
export async function defineDomains(libvirt: Libvirt, count: number): Promise<Domain[]> {
  const { pool } = await libvirt.call("storagePoolLookupByName", { name: "default" });
  return inParallel(count, 16, async (index) => {
    const name = `domain-${index}`;
    const { vol } = await libvirt.call("storageVolCreateXml", { pool, xml: volumeXml(name) });
    const { domain } = await libvirt.call("domainDefineXmlFlags", { xml: domainXml(name, vol.key) });
    return domain;
  });
}

const volumeXml = (name: string) => `<volume><name>${name}.img</name><capacity>1048576</capacity></volume>`;

const domainXml = (name: string, disk: string) => `<domain type="qemu">
  <name>${name}</name>
  <memory unit="MiB">16</memory>
  <vcpu>1</vcpu>
  <os><type arch="x86_64" machine="q35">hvm</type></os>
  <devices>
    <disk type="file" device="disk"><source file="${disk}"/><target dev="vda" bus="virtio"/></disk>
  </devices>
</domain>`;
