import { writeSeed } from "@virtrigaud/kit/nocloud";
import type { Call } from "../call.ts";
import { ErrorCode } from "../client/index.ts";
import { attempt, isRefused } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Seed } from "../mapping/plan.ts";
import { el, renderXml } from "../mapping/xml.ts";
import { deleteVolume, volumeIn } from "../volumes.ts";

/**
 * Puts a VM's seed into its pool, readable by nobody else as it may hold secrets; one of the same name is replaced. After a failure there
 * may be a part of it, which the next attempt replaces.
 * @throws ProviderError STORAGE_FULL and others as libvirtd refuses; the signal's reason.
 */
export async function uploadSeed(
  host: Pick<Host, "libvirt" | "pools">,
  { pool: poolName, name, files }: Seed,
  call: Call,
): Promise<void> {
  const { libvirt } = host;
  const pool = (await host.pools(call)).find((one) => one.name === poolName);
  if (pool === undefined) throw new Error(`the plan names pool ${poolName}, which was not read`);
  const bytes = writeSeed(files);
  const create = () =>
    libvirt.call("storageVolCreateXml", { pool: pool.handle, xml: seedXml(name, bytes.length) }, call);
  await attempt(`making the cloud-init seed ${name} in pool ${poolName}`, async () => {
    const made = create().catch(async (error) => {
      if (!isRefused(error, ErrorCode.STORAGE_VOL_EXIST)) throw error;
      await deleteVolume(libvirt, volumeIn(pool, name), call);
      return create();
    });
    const { vol } = await made;
    await libvirt.upload(vol, [bytes], call);
  });
}

const seedXml = (name: string, bytes: number): string =>
  renderXml(
    el("volume", {}, [
      el("name", {}, name),
      el("capacity", { unit: "bytes" }, bytes),
      el("target", {}, [el("format", { type: "raw" }), el("permissions", {}, [el("mode", {}, "0600")])]),
    ]),
  );
