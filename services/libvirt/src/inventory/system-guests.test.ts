import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type PrivateLibvirtd, startSystemLibvirtd, whyMissing } from "@virtrigaud/test-tools";
import { hasAddress } from "../addresses.ts";
import { connectLibvirt, type Libvirt } from "../client/index.ts";
import { guestExec } from "../guest/exec.ts";
import { Inventory } from "../inventory.ts";
import { guestInterfaces } from "../mapping/guest-interfaces.ts";
import { readDomain } from "../read-domain.ts";
import { startRealGuest } from "../testing/real-guest.ts";

let daemon: PrivateLibvirtd | undefined;
const reason = await whyMissing(
  startSystemLibvirtd().then((started) => {
    daemon = started;
  }),
);
afterAll(() => daemon?.stop());

/** They are emulated. */
const patience = 180_000;
const call = () => ({ signal: AbortSignal.timeout(patience) });
const agentsChannel = `<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>`;

(reason === undefined ? describe : describe.skip)(`guests that get an address ${reason ?? ""}`, () => {
  let libvirt: Libvirt;
  let inventory: Inventory;
  beforeAll(async () => {
    libvirt = await connectLibvirt({ uri: daemon?.uri ?? "" });
    inventory = new Inventory(libvirt, { checkMs: 2_000 });
    await inventory.all(call());
  });
  afterAll(() => {
    inventory.close();
    libvirt.close();
  });

  test(
    "show it without being asked, by lease and by their agent, whatever its name in the guest",
    async () => {
      const mac = "52:54:00:aa:00:01";
      const card = `<interface type="network"><mac address="${mac}"/><source network="default"/><model type="virtio"/></interface>`;
      const guest = { name: "guest", uuid: randomUUID(), nesting: false, channel: `${agentsChannel}${card}` };
      const one = await startRealGuest(daemon as PrivateLibvirtd, libvirt, guest);
      const waiting = call();
      const reports = () => inventory.get(one.uuid)?.reports ?? {};
      while (!hasAddress({ lease: reports().lease }) || !hasAddress({ agent: reports().agent }))
        await sleep(100, undefined, waiting);
      const addresses = [expect.stringMatching(/^192\.168\.122\.\d+$/)];
      expect(reports().lease).toEqual([{ name: "", mac, addresses }]);

      // Others leave out what is called like a bridge.
      const rename = "ip link set eth0 down && ip link set eth0 name br0 && ip link set br0 up";
      const exit = await guestExec(libvirt, one, { path: "/bin/sh", args: ["-c", rename] }, call());
      expect(exit).toEqual({ code: 0, stdout: "", stderr: "" });
      const found = await readDomain(libvirt, one, call(), "basic");
      expect(found?.reports).toMatchObject({ agent: expect.anything(), lease: expect.anything() });
      expect(guestInterfaces(found?.interfaces ?? [])).toEqual([
        {
          name: "br0",
          macAddress: mac,
          ipAddresses: expect.arrayContaining(addresses),
        },
      ]);
    },
    patience,
  );
});
