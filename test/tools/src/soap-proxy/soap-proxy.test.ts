import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";

import {
  buildVcsim,
  type SoapAction,
  type SoapProxy,
  startSoapProxy,
  startVcsim,
  type Vcsim,
  whyUnavailable,
} from "../index.ts";
import { RawSoap } from "../raw-soap.ts";

const reason = await whyUnavailable(buildVcsim(console.info));
const suite = reason === undefined ? describe : describe.skip;

suite(`SOAP proxy ${reason ?? ""}`, () => {
  let vcsim: Vcsim;
  let proxy: SoapProxy | undefined;
  beforeAll(async () => {
    vcsim = await startVcsim();
  });
  afterEach(() => proxy?.close());
  afterAll(() => vcsim.stop());

  /** A client of the proxy, which treats CurrentTime as told. */
  const through = async (action: SoapAction, times = Infinity) => {
    let left = times;
    const onCall = ({ method }: { method: string }): SoapAction =>
      method === "CurrentTime" && left-- > 0 ? action : "pass";
    proxy = await startSoapProxy({ target: vcsim, onCall });
    const client = new RawSoap(proxy.url, vcsim.certificatePem);
    await client.login(vcsim.username, vcsim.password);
    return { client, proxy, now: () => client.call("ServiceInstance:ServiceInstance", "CurrentTime") };
  };
  const folders = (client: RawSoap, name: string) =>
    client.call("Folder:group-d1", "CreateFolder", `<name>${name}</name>`);

  test("passes calls and sessions on, under the server's own certificate, and counts them", async () => {
    const { now, proxy } = await through("pass");
    expect(proxy.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/sdk$/);
    expect(await now()).toEqual({ status: 200, body: expect.stringContaining("<CurrentTimeResponse") });
    expect(proxy.calls).toEqual([{ method: "Login" }, { method: "CurrentTime" }]);
  });

  test("speaks plain HTTP without a key", async () => {
    const { url, certificatePem } = vcsim;
    proxy = await startSoapProxy({ target: { url, certificatePem } });
    expect(proxy.url).toMatch(/^http:/);
    const answer = await new RawSoap(proxy.url, "").login(vcsim.username, vcsim.password);
    expect(answer.status).toBe(200);
  });

  test("passes other requests on uncounted", async () => {
    const { url, certificatePem } = vcsim;
    proxy = await startSoapProxy({ target: { url, certificatePem } });
    const about = (await (await fetch(new URL("/about", proxy.url))).json()) as {
      methods?: string[];
      Methods?: string[];
    };
    expect(about.methods ?? about.Methods).toContain("CreateVM_Task");
    expect(proxy.calls).toEqual([]);
  });

  test("delays", async () => {
    const { now } = await through({ kind: "delay", ms: 300 });
    const start = performance.now();
    expect((await now()).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(290);
  });

  test("answers with a fault as often as told", async () => {
    const { now } = await through(
      { kind: "fault", faultType: "NotAuthenticated", message: "The session is not authenticated." },
      1,
    );
    const fault = await now();
    expect(fault.status).toBe(500);
    expect(fault.body).toContain('xsi:type="NotAuthenticated"');
    expect((await now()).status).toBe(200);
  });

  test("answers with a status", async () => {
    const { now } = await through({ kind: "status", code: 503 });
    expect(await now()).toEqual({ status: 503, body: "" });
  });

  test.each([
    ["cut-before", 200], // the name is still free
    ["cut-after", 500], // the server has done it
  ] as const)("%s breaks the connection, and the same call then gives %i", async (kind, status) => {
    const onCall = ({ index }: { index: number }): SoapAction => (index === 1 ? { kind } : "pass");
    proxy = await startSoapProxy({ target: vcsim, onCall });
    const client = new RawSoap(proxy.url, vcsim.certificatePem);
    await client.login(vcsim.username, vcsim.password);
    await expect(folders(client, kind)).rejects.toThrow("socket hang up");
    expect((await folders(client, kind)).status).toBe(status);
  });

  test("hangs until it is closed", async () => {
    const { now, proxy } = await through({ kind: "hang" });
    const answer = now().catch((error: Error) => error.message);
    const early = await Promise.race([
      answer,
      new Promise((resolve) => setTimeout(resolve, 200, "nothing yet")),
    ]);
    expect(early).toBe("nothing yet");
    await proxy.close();
    expect(await answer).toBe("socket hang up");
  });

  test("breaks the connection when the server is gone", async () => {
    const other = await startVcsim();
    proxy = await startSoapProxy({ target: other });
    const client = new RawSoap(proxy.url, other.certificatePem);
    await other.kill();
    await expect(client.login(other.username, other.password)).rejects.toThrow("socket hang up");
  });
});
