import { ProviderError, status } from "@virtrigaud/kit";
import type { Call } from "./call.ts";
import type { Libvirt } from "./client/index.ts";
import { attempt } from "./errors.ts";
import type { Volume } from "./mapping/volumes.ts";
import { first, numberOf, parseXml, textOf } from "./mapping/xml.ts";

/**
 * Takes over a volume that an earlier attempt at the same VM left: it is grown where the plan is larger, and never made anew, for a
 * domain may have been removed by hand and its data with the volume would be lost.
 * @throws FAILED_PRECONDITION VOLUME_EXISTS when it is on top of another image.
 */
export async function reuseVolume(
  libvirt: Libvirt,
  { path, name, capacityBytes, backing }: Volume,
  call: Call,
) {
  await attempt(`taking over volume ${path}`, async () => {
    const { vol } = await libvirt.call("storageVolLookupByPath", { path }, call);
    const xml = parseXml((await libvirt.call("storageVolGetXmlDesc", { vol }, call)).xml);
    const held = textOf(first(xml, "backingStore"), "path");
    if (held !== backing) throw volumeExists(path, name, held);
    const size = numberOf(xml, "capacity") ?? 0;
    if (capacityBytes !== undefined && size < capacityBytes)
      await libvirt.call("storageVolResize", { vol, capacity: BigInt(capacityBytes) }, call);
  });
}

const volumeExists = (path: string, name: string, backing: string | undefined): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "VOLUME_EXISTS",
    message: `${path} is there already, ${backing === undefined ? "on no image" : `on image ${backing}`}, and may hold data of an earlier VM of this uid; look at it and remove it: virsh vol-delete ${name}, or call DeleteVM`,
  });
