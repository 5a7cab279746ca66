import { metadataNamespace } from "../mapping/metadata.ts";
import { all, el, parseXml, renderXml } from "../mapping/xml.ts";

/** What canaries' names begin with; no VM of ours has such a name by accident. */
const prefix = "virtrigaud-canary-";

/** How long the canary's BIOS waits before it resets, in milliseconds: a guest that ends sooner has crashed. */
export const bootMs = 1_000;

export const canaryName = (uuid: string): string => `${prefix}${uuid}`;

/** Whether a domain's name is a canary's; its metadata decides. */
export const mayBeCanary = (name: string): boolean => name.startsWith(prefix);

/**
 * A guest that ends by itself if it runs: its BIOS finds nothing to boot from, waits, and resets the machine, which ends the domain. Nothing on
 * the host is needed for it but QEMU.
 * @param startedAt epoch milliseconds, by which others tell whether it is a leftover.
 */
export function canaryXml(type: "kvm" | "qemu", uuid: string, startedAt: number): string {
  const { prefix: ns, uri } = metadataNamespace;
  return renderXml(
    el("domain", { type }, [
      el("name", {}, canaryName(uuid)),
      el("uuid", {}, uuid),
      el("metadata", {}, [el(`${ns}:canary`, { [`xmlns:${ns}`]: uri, started: startedAt })]),
      el("memory", { unit: "MiB" }, 64),
      el("vcpu", {}, 1),
      el("os", {}, [
        el("type", { arch: "x86_64", machine: "q35" }, "hvm"),
        el("boot", { dev: "hd" }),
        el("bios", { rebootTimeout: bootMs }),
      ]),
      el("on_reboot", {}, "destroy"),
      el("devices", {}, [
        el("controller", { type: "usb", model: "none" }),
        el("memballoon", { model: "none" }),
      ]),
    ]),
  );
}

/** When the domain of this XML was started as a canary, in epoch milliseconds; undefined for all other domains. */
export function canaryStartedAt(domainXml: string): number | undefined {
  const { prefix: ns, uri } = metadataNamespace;
  const stamp = all(parseXml(domainXml), "metadata", `${ns}:canary`).find(
    ({ attributes }) => attributes[`xmlns:${ns}`] === uri,
  );
  return stamp && Number(stamp.attributes.started);
}
