import { type PrivateLibvirtd, startPrivateLibvirtd, whyMissing } from "@virtrigaud/test-tools";

/** A libvirtd of the test file's own, or why there is none on this machine. */
export interface RealLibvirtd {
  readonly reason: string | undefined;
  /** Only without a reason. */
  readonly daemon: () => PrivateLibvirtd;
  readonly stop: () => Promise<void>;
}

/** Starts a libvirtd, if this machine can have one; stop it after the tests. */
export async function startRealLibvirtd(): Promise<RealLibvirtd> {
  let libvirtd: PrivateLibvirtd | undefined;
  const start = async () => {
    libvirtd = await startPrivateLibvirtd();
  };
  const reason = await whyMissing(start());
  return { reason, daemon: () => libvirtd as PrivateLibvirtd, stop: async () => libvirtd?.stop() };
}
