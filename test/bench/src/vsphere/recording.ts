import type { ProviderConnection } from "@virtrigaud/kit/client";
import { startSoapProxy, startVsphereProvider, type Vcsim } from "@virtrigaud/test-tools";
import { Scope } from "../scope.ts";
import { createPoweredOn, deleteAll } from "../vm.ts";

/** One SOAP call as the provider sent it. */
export interface RecordedCall {
  readonly method: string;
  readonly body: string;
}

/** What the provider sent to make and power on one VM, whose uid is also in its name. */
export interface Recording {
  readonly uid: string;
  readonly calls: readonly RecordedCall[];
}

/** Has a provider of its own make one VM and writes down its calls. */
export async function recordCreate(outer: Scope, vcsim: Vcsim): Promise<Recording> {
  const scope = await outer.own(
    async () => new Scope(),
    (one) => one.close(),
  );
  const calls: RecordedCall[] = [];
  const proxy = await scope.own(
    () =>
      startSoapProxy({ target: vcsim, onCall: ({ method, body }) => (calls.push({ method, body }), "pass") }),
    (one) => one.close(),
  );
  const { connection } = await scope.own(
    () => startVsphereProvider({ ...vcsim, url: proxy.url }),
    (one) => one.stop(),
  );
  const recording = await recordOnce(connection, calls);
  await scope.close();
  return recording;
}

async function recordOnce(connection: ProviderConnection, calls: RecordedCall[]): Promise<Recording> {
  // The first create also reads the inventory and makes a view for that.
  const warm = await createPoweredOn(connection);
  const from = calls.length;
  const uid = await createPoweredOn(connection);
  const recording = { uid, calls: callsOfOneVm(calls.slice(from), uid) };
  await deleteAll(connection, [warm, uid]);
  return recording;
}

/** Leaves out what was not sent for the VM (the probe of the connection), and of a task's polls all but the first. Pure. */
export function callsOfOneVm(calls: readonly RecordedCall[], uid: string): RecordedCall[] {
  const own = calls.filter(({ body }) => body.includes(uid) || /type="(?:Task|VirtualMachine)"/.test(body));
  return own.filter((call, index) => !(isPoll(call) && own[index - 1]?.body === call.body));
}

/** Whether a call looks how far a task is. */
export const isPoll = ({ body }: RecordedCall): boolean => /<obj type="Task">/.test(body);
