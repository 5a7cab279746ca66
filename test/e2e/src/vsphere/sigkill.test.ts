import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import { type CreateVMRequest, type VM, View } from "@virtrigaud/proto";
import {
  startSoapProxy,
  startVcsim,
  type Vcsim,
  type ProviderDaemon,
  startVsphereProvider,
} from "@virtrigaud/test-tools";
import { createRequest } from "../specs.ts";
import { describeWhere, stock, vcsimMissing } from "./simulated-vcenter.ts";

/** Kills the daemon when the SOAP call with this index arrives; `reaches`: whether vCenter still gets the call. */
interface Kill {
  index: number;
  reaches: boolean;
}

// The provider is killed at every SOAP call that it makes until CreateVM is complete, before the call reaches vCenter and after it did but
// before the answer came back. Whatever the point, a new daemon that gets the same request ends with exactly one complete VM.
describeWhere(vcsimMissing, "SIGKILL between any two SOAP calls of CreateVM", () => {
  let vcsim: Vcsim;
  /** Takes over after each kill: it has never heard of the VM before. */
  let successor: ProviderDaemon;
  beforeAll(async () => {
    vcsim = await startVcsim(stock);
    successor = await startVsphereProvider(vcsim);
  }, 180_000);
  afterAll(async () => {
    await successor.stop();
    await vcsim.stop();
  });

  test.each(["blank", "template"] as const)(
    "a VM made from %s is complete and single",
    async (from) => {
      const calm = createRequest(`${from}-calm`, from);
      const count = await createUndisturbed(calm);
      expect(count).toBeGreaterThan(5);
      const expected = await finish(successor.connection, calm);
      expect(expected).toEqual([expect.objectContaining({ configured: "TRISTATE_TRUE" })]);

      for (let index = 0; index < count; index += 1) {
        for (const reaches of [false, true]) {
          const request = createRequest(`${from}-${index}-${reaches}`, from);
          const survived = await createWithKill(request, { index, reaches });
          expect({ index, reaches, survived, vms: await finish(successor.connection, request) }).toEqual({
            index,
            reaches,
            survived: false,
            vms: expected,
          });
        }
      }
    },
    600_000,
  );

  /** Makes the VM and answers how many SOAP calls that took, from the daemon's start. */
  async function createUndisturbed(request: CreateVMRequest): Promise<number> {
    const proxy = await startSoapProxy({ target: vcsim });
    const daemon = await startVsphereProvider({ ...vcsim, url: proxy.url });
    await create(daemon.connection, request);
    const { length } = proxy.calls;
    await daemon.stop();
    await proxy.close();
    return length;
  }

  /** Answers whether the daemon lived to complete the VM. */
  async function createWithKill(request: CreateVMRequest, kill: Kill): Promise<boolean> {
    let pid = 0;
    const proxy = await startSoapProxy({
      target: vcsim,
      onCall: ({ index }) => {
        if (index !== kill.index) return "pass";
        process.kill(pid, "SIGKILL");
        return kill.reaches ? "pass" : { kind: "cut-before" };
      },
    });
    const onSpawn = (spawned: number) => {
      pid = spawned;
    };
    // The first calls come before the daemon serves, so it may not even get there.
    const survived = await startVsphereProvider({ ...vcsim, url: proxy.url }, { onSpawn })
      .then(({ connection, kill }) => create(connection, request, 2_000).finally(kill))
      .then(
        () => true,
        () => false,
      );
    await proxy.close();
    return survived;
  }
});

/** `timeoutMs`: how long a provider that no longer answers is borne with while an operation runs. */
const create = (connection: ProviderConnection, request: CreateVMRequest, timeoutMs = 60_000) =>
  untilComplete(connection, (options) => connection.createVm(request, options), { timeoutMs });

/** Sends the request until it is complete; answers every VM that there is then, and deletes the one that was made. */
async function finish(connection: ProviderConnection, request: CreateVMRequest) {
  await create(connection, request);
  const { vms } = await connection.listVMs({
    pageSize: 1000,
    pageToken: "",
    view: View.FULL,
    includeUnowned: true,
  });
  await untilComplete(connection, (o) => connection.deleteVm({ uid: request.uid, retainDisks: false }, o));
  return vms.map(summary);
}

/** What a VM is, apart from its identity and name. */
const summary = ({ spec, nested, powerState, appliedCapabilities }: VM) => ({
  spec: { ...spec, name: "" },
  configured: nested?.configured,
  powerState,
  appliedCapabilities,
});
