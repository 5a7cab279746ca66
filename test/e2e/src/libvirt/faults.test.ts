import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { ProviderConnection } from "@virtrigaud/kit/client";
import { PowerState, WatchEventType, WatchVMsRequest } from "@virtrigaud/proto";
import { type ProviderDaemon, startLibvirtProvider } from "@virtrigaud/test-tools";
import { changeOf } from "./faults-frames.ts";
import {
  create,
  describeOnLibvirtd,
  eventuallyDone,
  everyVm,
  holdings,
  remove,
  smallSpec,
  start,
  virsh,
} from "./faults-lab.ts";
import { type CallFate, type LibvirtProxy, startLibvirtProxy } from "./faults-proxy.ts";
import { settings } from "./faults-victim.ts";

const deadlineMs = 2_000;
const { CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE } = { CANCELLED: 1, DEADLINE_EXCEEDED: 4, UNAVAILABLE: 14 };

describeOnLibvirtd("libvirtd fails", (libvirtd) => {
  let proxy: LibvirtProxy;
  let provider: ProviderDaemon;
  let connection: ProviderConnection;
  let before: Awaited<ReturnType<typeof holdings>>;
  /** What becomes of calls, for one test. */
  let fate: (change: string | undefined) => CallFate = () => "pass";
  beforeAll(async () => {
    proxy = await startLibvirtProxy({
      target: libvirtd().socket,
      onCall: ({ procedure }) => fate(changeOf(procedure)),
    });
    provider = await startLibvirtProvider(proxy.uri, { settings });
    ({ connection } = provider);
    before = await holdings(libvirtd());
    // Before it fails it has been asked for everything once.
    await connection.getCapabilities({});
  }, 180_000);
  afterEach(async () => {
    fate = () => "pass";
    expect(await holdings(libvirtd())).toEqual(before);
  });
  afterAll(async () => {
    await provider.stop();
    await proxy.stop();
    await libvirtd().stop();
  }, 60_000);

  const readyz = async () => (await fetch(`http://${provider.healthAddress}/readyz`)).status;
  const domstate = (name: string) => virsh(libvirtd(), "domstate", name);
  const listed = async () =>
    (await connection.listVMs(everyVm)).vms.map(({ name, powerState }) => [name, powerState]);

  test("frozen: deadlines hold, other calls go on, NOT_SERVING and back, VMs run on, nothing twice", async () => {
    const [running, half] = [await madeAndStarted(), { uid: randomUUID(), spec: smallSpec() }];
    expect(await readyz()).toBe(200);
    libvirtd().freeze();
    try {
      const began = performance.now();
      const refusals = await Promise.all(
        [
          connection.listVMs(everyVm, { deadlineMs }),
          connection.createVm({ ...half, controllerId: "e2e" }, { deadlineMs }),
          connection.deleteVm({ uid: randomUUID(), retainDisks: false }, { deadlineMs }),
        ].map((call) =>
          call.then(
            () => 0,
            ({ code }: { code: number }) => code,
          ),
        ),
      );
      const tookMs = performance.now() - began;
      expect(refusals).toEqual([DEADLINE_EXCEEDED, DEADLINE_EXCEEDED, DEADLINE_EXCEEDED]);
      expect(tookMs).toBeGreaterThan(deadlineMs - 100);
      expect(tookMs).toBeLessThan(deadlineMs + 1_000);
      expect(await connection.getInfo({}, { deadlineMs: 5_000 })).toMatchObject({ hypervisorVersion: "" });
      expect(await eventually(503, readyz)).toBe(503);
    } finally {
      libvirtd().thaw();
    }
    expect(await eventually(200, readyz)).toBe(200);
    expect(await domstate(running.name)).toBe("running");
    await eventuallyDone(() => create(connection, half.uid, half.spec));
    expect((await listed()).sort()).toEqual(
      [
        [running.name, PowerState.ON],
        [half.spec.name, PowerState.OFF],
      ].sort(),
    );
    await remove(connection, running.uid);
    await remove(connection, half.uid);
  }, 120_000);

  test("killed and started again: UNAVAILABLE, then everything as it was; the watch goes on", async () => {
    const { uid, name } = await madeAndStarted();
    const watch = watchAll();
    await watch.until(WatchEventType.SYNCED);
    await libvirtd().kill();
    await expect(connection.listVMs(everyVm, { deadlineMs })).rejects.toMatchObject({ code: UNAVAILABLE });
    expect(await eventually(503, readyz)).toBe(503);
    await libvirtd().restart();
    expect(await eventually(200, readyz)).toBe(200);
    expect(await domstate(name)).toBe("running");
    expect(await listed()).toEqual([[name, PowerState.ON]]);
    await virsh(libvirtd(), "destroy", name);
    expect(await watch.powerOf(uid)).toBe(PowerState.OFF);
    watch.close();
    await remove(connection, uid);
  }, 120_000);

  test("what happens while the connection is lost is told when it is back", async () => {
    const [stopped, gone] = [await madeAndStarted(), await madeAndStarted()];
    const watch = watchAll();
    await watch.until(WatchEventType.SYNCED);
    proxy.cut();
    await virsh(libvirtd(), "destroy", stopped.name);
    await virsh(libvirtd(), "destroy", gone.name);
    await virsh(libvirtd(), "undefine", gone.name);
    await defineForeign("newcomer");
    proxy.restore();
    const foreign = await virsh(libvirtd(), "domuuid", "newcomer");
    expect(await watch.powerOf(stopped.uid)).toBe(PowerState.OFF);
    expect(await watch.powerOf(gone.uid)).toBe("gone");
    expect(await watch.powerOf(foreign)).toBe(PowerState.OFF);
    expect((await listed()).sort()).toEqual(
      [
        ["newcomer", PowerState.OFF],
        [stopped.name, PowerState.OFF],
      ].sort(),
    );
    watch.close();
    await virsh(libvirtd(), "undefine", "newcomer");
    await remove(connection, stopped.uid);
    await remove(connection, gone.uid);
  }, 60_000);

  test.each(["create volume", "define"])(
    "killed while it is asked to %s: called again, one VM",
    async (change) => {
      const [uid, spec] = [randomUUID(), smallSpec()];
      let killed: Promise<void> | undefined;
      fate = (now) => {
        if (now !== change || killed !== undefined) return "pass";
        killed = libvirtd().kill();
        return "stop";
      };
      const first = connection.createVm({ uid, spec, controllerId: "e2e" });
      await expect(first).rejects.toMatchObject({ code: UNAVAILABLE });
      await killed;
      await libvirtd().restart();
      await eventuallyDone(() => create(connection, uid, spec));
      expect(await listed()).toEqual([[spec.name, PowerState.OFF]]);
      await remove(connection, uid);
    },
    120_000,
  );

  test("a call that never reaches it: the caller's deadline holds, and nothing of the call stays in the way", async () => {
    const [uid, spec] = [randomUUID(), smallSpec()];
    let isHeld = false;
    fate = (change) => {
      if (change !== "define" || isHeld) return "pass";
      isHeld = true;
      return { delayMs: 4_000 };
    };
    const began = performance.now();
    const first = connection.createVm({ uid, spec, controllerId: "e2e" }, { deadlineMs });
    await expect(first).rejects.toMatchObject({ code: DEADLINE_EXCEEDED });
    expect(performance.now() - began).toBeLessThan(deadlineMs + 1_000);
    // The definition arrives late, while the next call is under way.
    await eventuallyDone(() => create(connection, uid, spec));
    expect(await listed()).toEqual([[spec.name, PowerState.OFF]]);
    expect((await holdings(libvirtd())).volumes).toEqual([...before.volumes, `${uid}-root.qcow2`].sort());
    await start(connection, uid);
    expect(await domstate(spec.name)).toBe("running");
    await remove(connection, uid);
  }, 60_000);

  test("slow: every call takes its time, and no longer", async () => {
    const [uid, spec] = [randomUUID(), smallSpec()];
    fate = () => ({ delayMs: 100 });
    await create(connection, uid, spec);
    await start(connection, uid);
    expect(await listed()).toEqual([[spec.name, PowerState.ON]]);
    expect(await readyz()).toBe(200);
    await remove(connection, uid);
  }, 60_000);

  async function madeAndStarted(): Promise<{ uid: string; name: string }> {
    const [uid, spec] = [randomUUID(), smallSpec()];
    await create(connection, uid, spec);
    await start(connection, uid);
    return { uid, name: spec.name };
  }

  async function defineForeign(name: string): Promise<void> {
    const os = "<os><type arch='x86_64' machine='q35'>hvm</type></os>";
    const file = `${libvirtd().pool}/../${name}.xml`;
    await writeFile(
      file,
      `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory>${os}</domain>`,
    );
    await virsh(libvirtd(), "define", file);
  }

  /** Follows WatchVMs as a controller does; the stream has to stay. */
  function watchAll() {
    const closing = new AbortController();
    const request = WatchVMsRequest.fromPartial({ includeUnowned: true });
    const power = new Map<string, PowerState | "gone">();
    const seen = new Set<WatchEventType>();
    const following = (async () => {
      for await (const { type, vm } of connection.watchVMs(request, { signal: closing.signal })) {
        seen.add(type);
        if (type === WatchEventType.RESET) power.clear();
        if (vm !== undefined) power.set(vm.id, type === WatchEventType.DELETED ? "gone" : vm.powerState);
      }
    })();
    const ended = following.catch((error: { code?: number }) => {
      if (error.code !== CANCELLED) throw error;
    });
    return {
      until: (type: WatchEventType) => Promise.race([ended, eventually(true, async () => seen.has(type))]),
      async powerOf(id: string) {
        const was = power.get(id);
        await eventually(true, async () => power.get(id) !== was || was === PowerState.OFF || was === "gone");
        return power.get(id);
      },
      close: () => closing.abort(),
    };
  }
});

/** Asks again until the answer is the wanted one; the last answer is what the test then asserts. */
async function eventually<T>(wanted: T, ask: () => Promise<T>): Promise<T> {
  let answer = await ask();
  for (let tries = 0; tries < 300 && answer !== wanted; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await ask();
  }
  return answer;
}
