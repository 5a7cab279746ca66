import { randomUUID } from "node:crypto";
import { untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import {
  ChecksumAlgorithm,
  type Image,
  NestedPolicy,
  type NestingVerification,
  PowerAction,
  SetPowerRequest,
  View,
  type VM,
  VMSpec,
} from "@virtrigaud/proto";
import {
  buildGuestImage,
  type PrivateLibvirtd,
  type ProviderDaemon,
  startLibvirtProvider,
  startPrivateLibvirtd,
} from "@virtrigaud/test-tools";
import { serveImage } from "./image-server.ts";

const MiB = 1024 ** 2;

/** A libvirt of its own with emulation, its provider as users run it, and an image that is to be had by HTTP. */
export interface NestedLab {
  readonly libvirtd: PrivateLibvirtd;
  readonly provider: ProviderDaemon;
  readonly image: Image;
  /** Makes a VM of the image, and answers it as CreateVM does. */
  create(policy: NestedPolicy, memoryMiB?: number): Promise<VM & { uid: string }>;
  power(uid: string, action: PowerAction): Promise<void>;
  /** Takes the proof. */
  verify(uid: string): Promise<NestingVerification>;
  read(uid: string): Promise<VM>;
  remove(uid: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts all of it. `linuxL2`: the guest can also boot a Linux by QEMU and KVM. */
export async function startNestedLab(linuxL2: boolean): Promise<NestedLab> {
  const { path, sha256 } = await buildGuestImage({ firmware: "bios", linuxL2 });
  const [libvirtd, server] = await Promise.all([startPrivateLibvirtd(), serveImage(path)]);
  const settings = { accel: "tcg", allowedImageHosts: ["127.0.0.1"] };
  const provider = await startLibvirtProvider(libvirtd.uri, { settings });
  const { connection } = provider;
  const source = {
    url: server.url,
    checksum: sha256,
    checksumAlgorithm: ChecksumAlgorithm.SHA256,
    format: "qcow2",
  };
  const { image } = VMSpec.fromPartial({ image: { name: "proving-guest", url: source } });
  if (image === undefined) throw new Error("a spec without its image");
  return {
    libvirtd,
    provider,
    image,
    async create(policy, memoryMiB = 384) {
      const uid = randomUUID();
      const spec = VMSpec.fromPartial({
        name: `nested-${uid.slice(0, 8)}`,
        cpus: 1,
        memoryBytes: memoryMiB * MiB,
        nestedVirtualization: { policy },
        image,
        disks: [{ name: "root" }],
      });
      await untilComplete(connection, (options) =>
        connection.prepareImage({ image, storageClass: "" }, options),
      );
      const request = { uid, spec, controllerId: "e2e" };
      const { vm } = await untilComplete(connection, (options) => connection.createVm(request, options));
      return { ...(vm as VM), uid };
    },
    async power(uid, action) {
      const { operation } = await connection.setPower(SetPowerRequest.fromPartial({ uid, action }));
      if (operation !== undefined) await waitForOperation(connection, operation);
    },
    async verify(uid) {
      const { operation } = await connection.verifyNesting({ uid, guestCredentials: undefined });
      const { result } = operation ? await waitForOperation(connection, operation) : { result: undefined };
      if (result?.$case !== "nestingVerification") throw new Error("a proof without a verdict");
      return result.value;
    },
    async read(uid) {
      const vm = { reference: { $case: "uid" as const, value: uid } };
      return (await connection.getVm({ vm, view: View.FULL })).vm as VM;
    },
    async remove(uid) {
      await untilComplete(connection, (options) => connection.deleteVm({ uid, retainDisks: false }, options));
    },
    async stop() {
      await provider.stop();
      await Promise.all([server.stop(), libvirtd.stop()]);
    },
  };
}
