import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { status } from "@virtrigaud/kit";
import { waitForOperation } from "@virtrigaud/kit/client";
import {
  CreateSnapshotRequest,
  DeleteSnapshotRequest,
  Feature,
  NestedPolicy,
  PlanVMRequest,
  PowerAction,
  PowerState,
  Support,
  Tristate,
  type VMSpec,
  View,
  WatchEventType,
  WatchVMsRequest,
} from "@virtrigaud/proto";
import { encodeFrame, encodeStreamHead, type Frame, FrameReader, type Header } from "../client/frame.ts";
import { Libvirt } from "../client/index.ts";
import { Host } from "../host.ts";
import { testdata } from "../mapping/testing/testdata.ts";
import { REMOTE_PROGRAM } from "../protocol/procedure.ts";
import { procedures } from "../protocol/procedures.ts";
import { sessionProcedures } from "../protocol/procedures/connection.ts";
import { failure } from "../protocol/types.ts";
import { startFakeHost } from "../testing/fake-host.ts";
import { create, done, power, read, remove, smallSpec } from "../testing/lab.ts";
import { anyCall } from "../testing/probed-host.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { type Codec, decode } from "../xdr/codec.ts";
import { planVm } from "./plan-vm.ts";

/** The last procedure of 1.2.12 and 1.2.13 is domainDefineXMLFlags; 351 came with 1.2.14. Numbers are given in order, once and for ever. */
const lastProcedure = 350;
/** Of 1.2.13, the newest is that of the guest agent. */
const lastEvent = 18;
const oldVersion = 1_002_013n;
/** Flags of calls that have got more since. */
const knownFlags = new Map<number, number>([
  // MANAGED_SAVE, SNAPSHOTS_METADATA, NVRAM
  [procedures.domainUndefineFlags.number, 7],
  // Which domains, BACKING, ENFORCE_STATS; NOWAIT came with 4.5
  [procedures.connectGetAllDomainStats.number, 0xc000_00ff],
]);

const { reason, daemon, stop } = await startRealLibvirtd();

(reason === undefined ? describe : describe.skip)(`libvirtd like 1.2.13 ${reason ?? ""}`, () => {
  jest.setTimeout(60_000);
  let old: OldLibvirtd;
  let provider: TestProvider;
  beforeAll(async () => {
    old = await startOldLibvirtd(daemon().socket);
    provider = await startProvider(old.uri);
  });
  afterAll(async () => {
    await provider.stop();
    await old.stop();
    await stop();
  });

  test("tells its version, and which capabilities it has not, with what they need", async () => {
    const { connection } = provider;
    expect(await connection.getInfo({})).toMatchObject({
      hypervisorType: "QEMU",
      hypervisorApiVersion: "1.2.13",
    });
    const { capabilities } = await connection.getCapabilities({});
    const of = (support: Support) => capabilities.filter((one) => one.support === support);
    expect(of(Support.UNSUPPORTED).map(({ feature, minimumVersion }) => [feature, minimumVersion])).toEqual([
      [Feature.FIRMWARE_UEFI, "5.2.0"],
      [Feature.MEMORY_HOT_ADD, "1.2.14"],
      [Feature.SECURE_BOOT, "7.2.0"],
      [Feature.TPM, "4.5.0"],
      [Feature.IOMMU, "3.4.0"],
      [Feature.CPU_LIMIT, "1.3.3"],
      [Feature.MTU, "3.1.0"],
    ]);
    for (const { feature, reason, observedVersion } of of(Support.UNSUPPORTED))
      expect({ feature, reason, observedVersion }).toEqual({
        feature,
        reason: expect.stringMatching(/1\.2\.13|^the host offers/),
        observedVersion: "1.2.13",
      });
    expect(capabilities.find(({ feature }) => feature === Feature.NESTED_VIRTUALIZATION)).toMatchObject({
      support: Support.UNKNOWN,
      reason: expect.stringMatching(/./),
    });
  });

  test("a host is checked, and what cannot be known is UNKNOWN with the evidence", async () => {
    const { operation } = await provider.connection.checkHosts({ hosts: [] });
    const { result } = await done(provider.connection, operation);
    if (result?.$case !== "hosts") throw new Error("no report");
    expect(result.value.hosts).toMatchObject([
      {
        available: Tristate.TRUE,
        nestedVirtualization: Tristate.UNKNOWN,
        uefi: Tristate.FALSE,
        secureBoot: Tristate.FALSE,
        tpm: Tristate.FALSE,
        iommu: Tristate.FALSE,
        evidence: expect.arrayContaining(["expanded CPU features: not reported"]),
      },
    ]);
  });

  test("a VM lives from plan to removal", async () => {
    const { connection } = provider;
    const [uid, spec] = [
      randomUUID(),
      smallSpec({ cloudInit: { userData: "#cloud-config\n", metaData: {} } }),
    ];
    const plan = await connection.planVm(PlanVMRequest.fromPartial({ spec, uid }));
    expect(plan.violations).toEqual([]);
    await create(connection, spec, uid);
    expect(await create(connection, spec, uid)).toEqual(await read(connection, uid));

    const watching = new AbortController();
    const changes = connection
      .watchVMs(WatchVMsRequest.fromPartial({}), { signal: watching.signal })
      [Symbol.asyncIterator]();
    const next = async () => (await changes.next()).value;
    expect([(await next())?.type, (await next())?.type, (await next())?.type]).toEqual([
      WatchEventType.RESET,
      WatchEventType.UPSERT,
      WatchEventType.SYNCED,
    ]);
    await power(connection, uid, PowerAction.ON);
    expect((await next())?.vm).toMatchObject({ powerState: PowerState.ON });
    watching.abort();
    await changes.next().catch(() => {});

    const page = { pageSize: 10, pageToken: "", view: View.FULL, includeUnowned: false };
    expect((await connection.listVMs(page)).vms).toMatchObject([
      { id: uid, powerState: PowerState.ON, usage: { memoryBytes: expect.any(Number) } },
    ]);
    await power(connection, uid, PowerAction.OFF);
    const { operation } = await connection.createSnapshot(
      CreateSnapshotRequest.fromPartial({ uid, name: "one" }),
    );
    const { result } = await done(connection, operation);
    const snapshotId = result?.$case === "snapshot" ? result.value.id : "";
    expect((await connection.listSnapshots({ uid })).snapshots).toMatchObject([{ id: snapshotId }]);
    const deletion = await connection.deleteSnapshot(DeleteSnapshotRequest.fromPartial({ uid, snapshotId }));
    await waitForOperation(connection, deletion.operation as never);
    await remove(connection, uid);
    expect((await connection.listVMs(page)).vms).toEqual([]);
  });

  test.each<[string, Partial<VMSpec>, string]>([
    [
      "nesting that it cannot tell of",
      { nestedVirtualization: { policy: NestedPolicy.REQUIRED } },
      "NESTED_UNSUPPORTED",
    ],
    ["secure boot", { secureBoot: true }, "HYPERVISOR_VERSION"],
    ["memory that is added at run time", { memoryHotAdd: true }, "HYPERVISOR_VERSION"],
    ["an IOMMU", { iommu: true }, "HYPERVISOR_VERSION"],
  ])("%s is refused by name", async (_, more, refusal) => {
    const failed = create(provider.connection, smallSpec(more));
    await expect(failed).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: refusal });
  });

  test("what it refused was asked for, and done without", () => {
    const numbers = new Map(
      Object.entries({ ...procedures, ...sessionProcedures }).map(([name, { number }]) => [number, name]),
    );
    expect([...new Set(old.refused)].map((number) => numbers.get(number)).sort()).toEqual([
      "connectDomainEventCallbackRegisterAny",
      "connectGetAllDomainStats",
    ]);
  });
});

test("under KVM such a libvirt plans a VM with one required CPU feature, by the host's own CPU", async () => {
  const { fake } = await startFakeHost({
    capabilities: testdata("capabilities-intel.xml"),
    libvirtVersion: oldVersion,
    more: {
      connectListAllStoragePools: () => ({ pools: [], count: 0 }),
      connectListAllDomains: () => ({ domains: [], count: 0 }),
      domainLookupByName: () => ({ domain: { name: "other", uuid: randomUUID(), id: -1 } }),
    },
  });
  const host = new Host(new Libvirt({ uri: fake.uri }), {
    settings: { storageClasses: {}, cpuMode: "host-model" },
    accel: "kvm",
    endpoint: "qemu+tls://fake-1/system",
  });
  try {
    const spec = smallSpec({ disks: [], nestedVirtualization: { policy: NestedPolicy.REQUIRED } });
    const plan = await planVm(host)({ spec, uid: "" }, anyCall());
    expect(plan.nativeConfiguration.match(/<feature [^>]*>/g)).toEqual([
      expect.stringMatching(/policy="require" name="vmx"/),
    ]);
    expect(plan.violations.map(({ reason }) => reason)).toEqual(["NAME_TAKEN"]);
  } finally {
    await host.close();
    await fake.stop();
  }
});

/** A libvirtd that has become old: what came later it does not know, and what it would tell of later things it does not tell. */
interface OldLibvirtd {
  readonly uri: string;
  /** Numbers of the procedures that it refused. */
  readonly refused: readonly number[];
  stop(): Promise<void>;
}

/** Puts an old one in front of the libvirtd that listens on `target`. Domain XML still goes through as it is, which an old one would read in part. */
async function startOldLibvirtd(target: string): Promise<OldLibvirtd> {
  const folder = await mkdtemp(join(tmpdir(), "old-libvirtd-"));
  const socket = join(folder, "libvirt-sock");
  const refused: number[] = [];
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on("error", () => {}).once("close", () => other.destroy());
    forward(client, (frame) => {
      const refusal = refusalOf(frame);
      if (refusal === undefined) return void upstream.write(bytesOf(frame));
      refused.push(frame.header.procedure);
      client.write(encodeFrame({ ...frame.header, type: "reply", status: "error" }, failure, refusal));
    });
    forward(upstream, (frame) => client.write(aged(frame)));
  });
  server.listen(socket);
  await once(server, "listening");
  return {
    uri: `qemu+unix:///session?socket=${socket}`,
    refused,
    async stop() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(folder, { recursive: true });
    },
  };
}

function forward(socket: Socket, take: (frame: Frame) => void): void {
  const frames = new FrameReader();
  socket.on("data", (chunk) => frames.push(chunk).forEach(take));
}

const bytesOf = ({ header, payload }: Frame): Buffer =>
  Buffer.concat([encodeStreamHead(header, payload.length), payload]);

/** How an old libvirtd refuses a call (src/rpc/virnetserverprogram.c, src/libvirt.c and daemon/remote.c of 1.2.13). */
function refusalOf({ header, payload }: Frame) {
  const { program, procedure, type } = header;
  if (program !== REMOTE_PROGRAM || type !== "call") return undefined;
  const refusal = (code: number, message: string) => ({
    code,
    domain: 7,
    message,
    level: 2,
    number1: 0,
    number2: 0,
  });
  if (procedure > lastProcedure) return refusal(39, `unknown procedure: ${procedure}`);
  const { connectDomainEventCallbackRegisterAny: register } = sessionProcedures;
  if (procedure === register.number) {
    const { eventId } = decode(register.args, payload);
    if (eventId > lastEvent) return refusal(1, `unsupported event ID ${eventId}`);
  }
  const known = knownFlags.get(procedure);
  if (known === undefined) return undefined;
  const { args } = Object.values(procedures).find(({ number }) => number === procedure) as unknown as {
    args: Codec<{ flags?: number }>;
  };
  const unknown = (decode(args, payload).flags ?? 0) & ~known;
  return unknown === 0 ? undefined : refusal(8, `unsupported flags (0x${unknown.toString(16)})`);
}

/** An answer without what an old libvirtd would not tell. */
function aged(frame: Frame): Buffer {
  const { header, payload } = frame;
  const { connectGetLibVersion, connectGetDomainCapabilities } = procedures;
  if (header.program !== REMOTE_PROGRAM || header.type !== "reply" || header.status !== "ok")
    return bytesOf(frame);
  if (header.procedure === connectGetLibVersion.number)
    return answer(header, connectGetLibVersion.returns, { version: oldVersion });
  if (header.procedure !== connectGetDomainCapabilities.number) return bytesOf(frame);
  const { returns } = connectGetDomainCapabilities;
  const { capabilities } = decode(returns, payload);
  return answer(header, returns, { capabilities: withoutLaterParts(capabilities) });
}

const answer = <T>(header: Header, codec: Codec<T>, value: T): Buffer => encodeFrame(header, codec, value);

/** The domain capabilities of 1.2.13 had the emulator, loaders by file, disks and host devices. */
const withoutLaterParts = (xml: string): string =>
  [
    "iothreads",
    "cpu",
    "memoryBacking",
    "graphics",
    "video",
    "filesystem",
    "tpm",
    "rng",
    "redirdev",
    "features",
  ]
    .reduce(
      (text, name) => text.replaceAll(new RegExp(`<${name}\\b[^>]*?(?:/>|>[\\s\\S]*?</${name}>)`, "g"), ""),
      xml,
    )
    .replaceAll(/<enum name='(?:firmware|secure)'(?:\/>|>[\s\S]*?<\/enum>)/g, "");
