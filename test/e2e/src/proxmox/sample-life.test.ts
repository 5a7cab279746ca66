import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { type LoggedRequest, parameterProblems, type PveVersion, pveVersions } from "@virtrigaud/fakes";
import { untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import { type Operation, PowerAction, SetPowerRequest, Tristate } from "@virtrigaud/proto";
import { createRequest } from "../specs.ts";
import { lifeOn, startDocumented } from "./documented-cluster.ts";
import { counted, type Step, writeLog } from "./request-log.ts";

const golden = new URL("./testdata/sample-life.txt", import.meta.url);

/** What the version's schema has against a request, which the simulator has let through. */
function problemsOf(version: PveVersion, { method, path, parameters }: LoggedRequest): object[] {
  const given = Object.entries(parameters as Readonly<Record<string, string | string[]>>);
  // The log masks every `content`, that of storages too.
  const sent = given.map(([name, value]) => [name, value === "<masked>" ? "iso" : String(value)]);
  const problems = parameterProblems(version, method as "GET", path, Object.fromEntries(sent));
  // A list is a parameter that is repeated, of which this check knows nothing.
  const lists = given.filter(([, value]) => Array.isArray(value)).map(([name]) => name);
  return Object.entries(problems)
    .filter(([name]) => !lists.includes(name))
    .map((problem) => ({ request: `${method} ${path}`, problem }));
}

test.each(pveVersions)(
  "the sample's life on %s with the documented privileges is whole, and sends what the version knows",
  async (version) => {
    const { pve, connection } = await startDocumented(version);
    const steps: Step[] = [];
    const verdicts: (Tristate | undefined)[] = [];
    for (const { name, run } of lifeOn(version, connection)) {
      const before = pve.requests.length;
      const proof = await run();
      if (name === "verify") verdicts.push(proof?.verdict);
      steps.push({ name, requests: pve.requests.slice(before) });
    }
    expect(verdicts).toEqual([Tristate.TRUE]);
    // 501: what an older version does not have yet.
    expect(pve.requests.filter(({ status = 0 }) => status !== 200 && status !== 501)).toEqual([]);
    const known = pve.requests.filter(({ status }) => status === 200);
    expect(known.flatMap((request) => problemsOf(version, request))).toEqual([]);

    const log = writeLog(steps);
    expect(log).not.toContain("#cloud-config");
    if (version !== "9.2") return;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, log);
    expect(log).toBe(readFileSync(golden, "utf8"));
  },
  60_000,
);

test("a blank VM is made and started by six requests", async () => {
  const { pve, connection } = await startDocumented("9.2");
  await connection.getCapabilities({});
  const before = pve.requests.length;
  const { uid, spec, controllerId } = createRequest("six-requests");
  const request = { uid, controllerId, spec: spec && { ...spec, cloudInit: undefined } };
  await untilComplete(connection, (options) => connection.createVm(request, options));
  const power = SetPowerRequest.fromPartial({ uid, action: PowerAction.ON });
  const { operation } = await connection.setPower(power);
  await waitForOperation(connection, operation as Operation);
  expect(counted(pve.requests.slice(before))).toEqual([
    "GET /cluster/nextid",
    "GET /cluster/resources",
    "POST /nodes/pve1/qemu",
    "GET /nodes/pve1/qemu/100/status/current",
    "GET /nodes/pve1/qemu/100/pending",
    "POST /nodes/pve1/qemu/100/status/start",
  ]);
}, 60_000);
