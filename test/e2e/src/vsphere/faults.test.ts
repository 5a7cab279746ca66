import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { untilComplete } from "@virtrigaud/kit/client";
import { View } from "@virtrigaud/proto";
import {
  type SoapAction,
  type SoapProxy,
  startSoapProxy,
  startVcsim,
  type Vcsim,
  type ProviderDaemon,
  startVsphereProvider,
} from "@virtrigaud/test-tools";
import { createRequest } from "../specs.ts";
import { describeWhere, stock, vcsimMissing } from "./simulated-vcenter.ts";

const everyVm = { pageSize: 1000, pageToken: "", view: View.BASIC, includeUnowned: true };

/** Asks again until the answer is the wanted one; the last answer is what the test then asserts. */
async function eventually<T>(wanted: T, ask: () => Promise<T>): Promise<T> {
  let answer = await ask();
  for (let tries = 0; tries < 150 && answer !== wanted; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    answer = await ask();
  }
  return answer;
}

describeWhere(vcsimMissing, "a vCenter that fails", () => {
  let vcsim: Vcsim;
  let proxy: SoapProxy | undefined;
  let provider: ProviderDaemon | undefined;
  beforeAll(async () => {
    vcsim = await startVcsim(stock);
  }, 180_000);
  afterEach(async () => {
    await provider?.kill();
    await proxy?.close();
    proxy = undefined;
    provider = undefined;
  });
  afterAll(() => vcsim.stop());

  const readyz = async (daemon: ProviderDaemon) =>
    (await fetch(`http://${daemon.healthAddress}/readyz`)).status;

  test("wrong password: the provider stays up, says so, and recovers when the password is corrected", async () => {
    provider = await startVsphereProvider({ ...vcsim, password: "planted-wrong-password" });
    const daemon = provider;
    expect(await daemon.connection.health()).toBe("NOT_SERVING");
    await expect(daemon.connection.createVm(createRequest("wrong-password"))).rejects.toMatchObject({
      code: 9,
      reason: "HYPERVISOR_CREDENTIALS",
    });
    expect(await readyz(daemon)).toBe(503);
    await daemon.setPassword(vcsim.password);
    expect(await eventually("SERVING", () => daemon.connection.health())).toBe("SERVING");
    expect(await readyz(daemon)).toBe(200);
    expect(daemon.output()).not.toMatch(new RegExp(`planted-wrong-password|${vcsim.password}`));
  }, 60_000);

  test("wrong CA: UNAVAILABLE that names the knob; nothing was sent", async () => {
    const other = await startVcsim();
    proxy = await startSoapProxy({ target: vcsim });
    provider = await startVsphereProvider({ ...vcsim, url: proxy.url, certificatePem: other.certificatePem });
    await other.stop();
    await expect(provider.connection.createVm(createRequest("wrong-ca"))).rejects.toMatchObject({
      code: 14,
      reason: "HYPERVISOR_CERTIFICATE",
      message: expect.stringMatching(/CA|caFile|certificate/),
    });
    expect(await provider.connection.health()).toBe("NOT_SERVING");
    expect(proxy.calls).toEqual([]);
  });

  test("unreachable: UNAVAILABLE, NOT_SERVING, and GetInfo still answers", async () => {
    provider = await startVsphereProvider({ ...vcsim, url: "https://127.0.0.1:9/sdk" });
    await expect(provider.connection.createVm(createRequest("unreachable"))).rejects.toMatchObject({
      code: 14,
      reason: "HYPERVISOR_UNREACHABLE",
    });
    expect(await provider.connection.getInfo({})).toMatchObject({
      provider: "vsphere",
      hypervisorVersion: "",
    });
    expect(await provider.connection.health()).toBe("NOT_SERVING");
  });

  const cuts: [string, string, SoapAction][] = [
    ["the connection is cut before the request", "CreateVM_Task", { kind: "cut-before" }],
    ["the connection is cut before the answer", "CreateVM_Task", { kind: "cut-after" }],
    ["vCenter answers 503", "CreateVM_Task", { kind: "status", code: 503 }],
    [
      "the session expires",
      "CreateVM_Task",
      { kind: "fault", faultType: "NotAuthenticated", message: "expired" },
    ],
    ["the read-back is cut", "RetrievePropertiesEx", { kind: "cut-after" }],
  ];
  test.each(cuts)("%s: called again, there is exactly one complete VM", async (_what, method, action) => {
    let armed = false;
    proxy = await startSoapProxy({
      target: vcsim,
      onCall: (call) => {
        if (!armed || call.method !== method) return "pass";
        armed = false;
        return action;
      },
    });
    provider = await startVsphereProvider({ ...vcsim, url: proxy.url });
    const { connection } = provider;
    const request = createRequest("cut");
    armed = true;
    await connection.createVm(request).catch(() => undefined);
    expect(armed).toBe(false);
    const { vm } = await eventuallyComplete(connection, request);
    expect(vm?.nested?.configured).toBe("TRISTATE_TRUE");
    const { vms } = await connection.listVMs(everyVm);
    expect(vms.map(({ name }) => name)).toEqual(["cut"]);
    await untilComplete(connection, (o) => connection.deleteVm({ uid: request.uid, retainDisks: false }, o));
    expect((await connection.listVMs(everyVm)).vms).toEqual([]);
  });

  /** As a controller does: calls again after what the contract calls retryable. */
  async function eventuallyComplete(
    connection: ProviderDaemon["connection"],
    request: ReturnType<typeof createRequest>,
  ) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await untilComplete(connection, (options) => connection.createVm(request, options), {
          timeoutMs: 20_000,
        });
      } catch (error) {
        const { code } = error as { code: number };
        if (tries >= 20 || ![10, 14].includes(code)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  test("vCenter hangs: the caller's deadline holds and other calls go on", async () => {
    let hang = true;
    proxy = await startSoapProxy({
      target: vcsim,
      onCall: ({ method }) => (hang && method === "CreateVM_Task" ? { kind: "hang" } : "pass"),
    });
    provider = await startVsphereProvider({ ...vcsim, url: proxy.url });
    const { connection } = provider;
    const request = createRequest("hanging");
    const stuck = connection.createVm(request, { deadlineMs: 1_500 });
    expect((await connection.listVMs(everyVm)).vms).toEqual([]);
    await expect(stuck).rejects.toMatchObject({ code: 4 });
    hang = false;
    await eventuallyComplete(connection, request);
    await untilComplete(connection, (o) => connection.deleteVm({ uid: request.uid, retainDisks: false }, o));
  });

  test("vCenter dies in the middle and comes back empty-handed: NOT_SERVING, then SERVING by itself", async () => {
    const mortal = await startVcsim(stock);
    provider = await startVsphereProvider(mortal);
    const daemon = provider;
    expect(await eventually("SERVING", () => daemon.connection.health())).toBe("SERVING");
    await mortal.kill();
    expect(await eventually("NOT_SERVING", () => daemon.connection.health())).toBe("NOT_SERVING");
    await expect(daemon.connection.createVm(createRequest("dead"))).rejects.toMatchObject({ code: 14 });
  }, 90_000);

  test("hosts that cannot nest: NESTED_UNSUPPORTED with the remedy, and nothing is created", async () => {
    const incapable = await startVcsim({ ...stock, nested: false });
    provider = await startVsphereProvider(incapable);
    await expect(provider.connection.createVm(createRequest("incapable"))).rejects.toMatchObject({
      code: 9,
      reason: "NESTED_UNSUPPORTED",
      message: expect.stringMatching(/VT-x.*nestedHVEnabled/s),
    });
    expect((await provider.connection.listVMs(everyVm)).vms).toEqual([]);
    await provider.stop();
    await incapable.stop();
  });
});
