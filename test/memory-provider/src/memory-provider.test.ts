import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, credentials, type MethodDefinition, type ServiceDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, expect, test } from "@jest/globals";
import {
  AdoptVMRequest,
  type AdoptVMResponse,
  CreateVMRequest,
  type CreateVMResponse,
  type DeleteVMRequest,
  type DeleteVMResponse,
  EnsureState,
  type GetOperationRequest,
  type GetOperationResponse,
  GetVMRequest,
  type GetVMResponse,
  ListVMsRequest,
  type ListVMsResponse,
  OperationState,
  ProviderClient,
} from "@virtrigaud/proto";
import { protoPath as healthProto } from "grpc-health-check";
import { type MemoryProvider, type MemoryProviderOptions, startMemoryProvider } from "./index.ts";

const uid = "7d3c2f8e-0b57-4a5e-9f43-2f6d6c1e9a01";
const GiB = 2 ** 30;
const spec = { name: "survivor", cpus: 1, memoryBytes: GiB, disks: [{ name: "root", sizeBytes: GiB }] };
const request = CreateVMRequest.fromPartial({ uid, spec });

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The generated client with a promise for each unary RPC that is used here. */
function connect({ address }: MemoryProvider) {
  const client = new ProviderClient(address, credentials.createInsecure());
  ends.push(() => client.close());
  const call = <Q, R>(
    method: (request: Q, callback: (error: Error | null, response: R) => void) => unknown,
  ) => promisify(method.bind(client)) as (request: Q) => Promise<R>;
  return {
    createVm: call<CreateVMRequest, CreateVMResponse>(client.createVm),
    deleteVm: call<DeleteVMRequest, DeleteVMResponse>(client.deleteVm),
    adoptVm: call<AdoptVMRequest, AdoptVMResponse>(client.adoptVm),
    getVm: call<GetVMRequest, GetVMResponse>(client.getVm),
    listVMs: call<ListVMsRequest, ListVMsResponse>(client.listVMs),
    getOperation: call<GetOperationRequest, GetOperationResponse>(client.getOperation),
  };
}

async function start(options?: MemoryProviderOptions) {
  const provider = await startMemoryProvider(options);
  ends.push(() => provider.stop());
  return { provider, client: connect(provider) };
}

test("another daemon over the same hypervisor answers for an operation and goes on with its create", async () => {
  const { provider, client } = await start({ taskMs: 200 });
  const first = await client.createVm(request);
  provider.stop();

  const { client: next } = await start({ hypervisor: provider.hypervisor });
  const name = first.operation?.name ?? "";
  const state = async () => (await next.getOperation({ name })).operation?.state;
  expect(await state()).toBe(OperationState.RUNNING);
  await sleep(300);
  expect(await state()).toBe(OperationState.SUCCEEDED);
  const last = await next.createVm(request);
  expect(last).toMatchObject({ state: EnsureState.COMPLETE, vm: { name: "survivor", owner: { uid } } });
});

test("an adopted VM is released, not deleted, and then nobody's again", async () => {
  const { client } = await start();
  const all = ListVMsRequest.fromPartial({ includeUnowned: true });
  const [foreign] = (await client.listVMs(all)).vms;
  const id = foreign?.id ?? "";
  const { vm } = await client.adoptVm(AdoptVMRequest.fromPartial({ id, uid }));
  expect(vm).toMatchObject({ name: "legacy-db", owner: { uid }, nested: { requested: "TRISTATE_UNKNOWN" } });
  expect((await client.deleteVm({ uid, retainDisks: false })).state).toBe(EnsureState.COMPLETE);
  expect((await client.listVMs(all)).vms).toEqual([foreign]);
});

test("a hypervisor that cannot be reached is UNAVAILABLE and never NOT_FOUND", async () => {
  const { provider, client } = await start();
  provider.setReachable(false);
  const vm = { reference: { $case: "uid" as const, value: uid } };
  const failure = client.getVm(GetVMRequest.fromPartial({ vm }));
  await expect(failure).rejects.toMatchObject({ code: status.UNAVAILABLE });
});

test("health is SERVING, and NOT_SERVING while the hypervisor cannot be reached", async () => {
  const { provider } = await start();
  const { client, method } = dynamic(provider, healthProto, "grpc.health.v1.Health", "Check");
  const check = promisify(client.makeUnaryRequest.bind(client) as DynamicUnary);
  const service = "virtrigaud.provider.v1.Provider";
  const answers: object[] = [];
  for (const reachable of [true, false, true]) {
    provider.setReachable(reachable);
    answers.push(await check(method.path, method.requestSerialize, method.responseDeserialize, { service }));
  }
  expect(answers).toEqual(["SERVING", "NOT_SERVING", "SERVING"].map((status) => ({ status })));
});

test("reflection tells the contract", async () => {
  const { provider } = await start();
  const proto = `${dirname(createRequire(import.meta.url).resolve("@grpc/reflection/package.json"))}/build/proto`;
  const file = `${proto}/grpc/reflection/v1/reflection.proto`;
  const name = "grpc.reflection.v1.ServerReflection";
  const { client, method } = dynamic(provider, file, name, "ServerReflectionInfo");
  const stream = client.makeBidiStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
  );
  stream.write({ listServices: "" });
  const [answer] = await once(stream, "data");
  stream.end();
  await once(stream.resume(), "end");
  const services = answer.listServicesResponse.service.map(({ name }: { name: string }) => name);
  expect(services).toContain("virtrigaud.provider.v1.Provider");
});

type DynamicUnary = (
  path: string,
  serialize: (value: object) => Buffer,
  deserialize: (wire: Buffer) => object,
  request: object,
  callback: (error: Error | null, response: object) => void,
) => void;

/** A client of a service by its .proto alone, as any tool would call it. */
function dynamic({ address }: MemoryProvider, file: string, service: string, method: string) {
  const client = new Client(address, credentials.createInsecure());
  ends.push(() => client.close());
  const definition = loadSync(file, { enums: String, defaults: true })[service] as ServiceDefinition;
  return { client, method: definition[method] as MethodDefinition<object, object> };
}
