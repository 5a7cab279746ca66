import type { UnaryHandler } from "@virtrigaud/kit";
import { type Libvirt, LibvirtError } from "../client/index.ts";
import type { Host } from "../host.ts";
import { versionText } from "../mapping/versions.ts";
import { contractVersion, providerVersion } from "../version.ts";

/** Whoever asks who this is does not want to wait for a libvirtd that hangs. */
const deadlineMs = 3_000;

/** Answers also while libvirtd is unreachable: then it says nothing about it. */
export const getInfo =
  ({ libvirt, endpoint }: Pick<Host, "libvirt" | "endpoint">): UnaryHandler<"getInfo"> =>
  async (_request, { signal, log }) => {
    const about = await readAbout(libvirt, signal).catch((error: unknown) => {
      log.warn({ err: error }, "libvirtd's version cannot be read");
      return undefined;
    });
    return {
      provider: "libvirt",
      version: providerVersion,
      contractVersion,
      hypervisorType: about?.type ?? "",
      hypervisorVersion: about?.qemu ?? "",
      hypervisorApiVersion: about?.libvirtd ?? "",
      endpoint,
      // libvirt's other drivers run something else, or like "test" nothing at all.
      ...(about === undefined ? {} : { simulated: about.type !== "QEMU" }),
    };
  };

async function readAbout(libvirt: Libvirt, signal: AbortSignal) {
  const bounds = { signal, deadlineMs };
  const [{ type }, libvirtd, qemu] = await Promise.all([
    libvirt.call("connectGetType", {}, bounds),
    libvirt.call("connectGetLibVersion", {}, bounds),
    libvirt.call("connectGetVersion", {}, bounds).catch((error: unknown) => {
      // A libvirtd without any QEMU has no version of it to tell.
      if (error instanceof LibvirtError) return undefined;
      throw error;
    }),
  ]);
  return {
    type,
    libvirtd: versionText(Number(libvirtd.version)),
    qemu: qemu && versionText(Number(qemu.version)),
  };
}
