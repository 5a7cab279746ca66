import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Fixture, readFixture, runConformance } from "@virtrigaud/conformance";
import { Image, NetworkInterface } from "@virtrigaud/proto";
import {
  buildGuestImage,
  type PrivateLibvirtd,
  type ProviderDaemon,
  startLibvirtProvider,
  startPrivateLibvirtd,
  startSystemLibvirtd,
  whyMissing,
} from "@virtrigaud/test-tools";

const fixtureFile = fileURLToPath(new URL("../../../conformance/fixtures/libvirt.yaml", import.meta.url));
const foreignVm = "legacy-db";
let libvirtd: PrivateLibvirtd;
let system: PrivateLibvirtd;
const started: PrivateLibvirtd[] = [];
const reason = await whyMissing(
  startPrivateLibvirtd().then((one) => {
    started.push(one);
    libvirtd = one;
  }),
);

(reason === undefined ? describe : describe.skip)(
  `the conformance suite on the libvirt provider ${reason ?? ""}`,
  () => {
    let provider: ProviderDaemon;
    let path: string;
    beforeAll(async () => {
      const { path: image } = await buildGuestImage({ firmware: "bios" });
      path = await libvirtd.addImage(image, "guest.qcow2");
      await defineForeignVm(libvirtd);
      provider = await startLibvirtProvider(libvirtd.uri);
    }, 180_000);
    afterAll(() => provider.stop());

    test("every case passes, or needs what an unprivileged libvirtd does not have", async () => {
      const image = Image.fromPartial({ name: "guest", libvirt: { path } });
      const fixture = { ...readFixture(fixtureFile), image };
      const { results } = await runConformance({ connection: provider.connection, fixture });
      const failed = results.filter(({ outcome }) => outcome === "FAIL");
      expect(failed.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
      const skipped = results.filter(({ outcome }) => outcome === "SKIP").map(({ id }) => id);
      expect(skipped.sort()).toEqual(["network-interface"]);
    }, 600_000);
  },
);

const systemReason = await whyMissing(
  startSystemLibvirtd().then((one) => {
    started.push(one);
    system = one;
  }),
);

// Also where no test of theirs ran.
afterAll(() => Promise.all(started.map((one) => one.stop())));

(systemReason === undefined ? describe : describe.skip)(
  `conformance of what only root's libvirtd has ${systemReason ?? ""}`,
  () => {
    let provider: ProviderDaemon;
    beforeAll(async () => {
      provider = await startLibvirtProvider(system.uri, { settings: { accel: "tcg" } });
    }, 180_000);
    afterAll(() => provider.stop());

    test("networks, and the knobs that need control groups", async () => {
      const { image: _image, capabilities, ...rest } = readFixture(fixtureFile);
      const supported = [...capabilities.supported, ...capabilities.unknown];
      const fixture: Fixture = {
        ...rest,
        capabilities: { supported, unknown: [] },
        network: NetworkInterface.fromPartial({ name: "front", libvirt: { network: "default" } }),
      };
      const only = ["capabilities", "info", "network-interface", "plan", "power-on-off"];
      const { results } = await runConformance({ connection: provider.connection, fixture, only });
      expect(results.map(({ id, outcome, message }) => [id, outcome, message])).toEqual(
        results.map(({ id }) => [id, "PASS", ""]),
      );
      expect(results.map(({ id }) => id).sort()).toEqual([...only, "left-behind"].sort());
    }, 300_000);
  },
);

async function defineForeignVm({ uri, pool }: PrivateLibvirtd): Promise<void> {
  const file = `${pool}/../${foreignVm}.xml`;
  const os = "<os><type arch='x86_64' machine='q35'>hvm</type></os>";
  await writeFile(
    file,
    `<domain type='qemu'><name>${foreignVm}</name><memory unit='MiB'>16</memory>${os}</domain>`,
  );
  await promisify(execFile)("virsh", ["-c", uri, "define", file]);
}
