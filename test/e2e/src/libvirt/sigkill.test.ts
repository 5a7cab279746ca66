import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ProviderConnection, untilComplete, waitForOperation } from "@virtrigaud/kit/client";
import {
  CloneMode,
  CloneVMRequest,
  CreateSnapshotRequest,
  type Image,
  ReconfigureVMRequest,
  View,
  VMSpec,
} from "@virtrigaud/proto";
import { type ProviderDaemon, startLibvirtProvider } from "@virtrigaud/test-tools";
import { create, describeOnLibvirtd, holdings, MiB, remove, smallSpec, virsh } from "./faults-lab.ts";
import { type KillPoint, settings, startVictim, type Victim } from "./faults-victim.ts";

const run = promisify(execFile);
const atPiece = (piece: number): KillPoint => ({ atPiece: piece });

/** One kind of work, which is begun anew for every point at which a daemon is killed. */
interface Work {
  /** Every change that it has libvirtd make, in order: a daemon is killed after each. */
  readonly changes: readonly string[];
  /** Further points. */
  readonly also?: readonly KillPoint[];
  /** Makes what the work needs. */
  prepare?(connection: ProviderConnection, uid: string): Promise<unknown>;
  /** What a caller repeats until it is complete. */
  act(connection: ProviderConnection, uid: string): Promise<unknown>;
}

// Between two changes libvirtd holds the same whatever the daemon reads, so a kill after each change, whose answer the daemon never gets,
// is a kill at every call. The next daemon gets the same request, and ends with what an undisturbed one does.
describeOnLibvirtd("SIGKILL of the provider at every call that changes something", (libvirtd) => {
  /** Takes over after each kill: it has never heard of the work before. */
  let successor: ProviderDaemon;
  let spare: Promise<Victim>;
  let image: Image | undefined;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sigkill-"));
    const file = join(folder, "image.qcow2");
    await run("qemu-img", ["create", "-q", "-f", "qcow2", file, "8M"]);
    const path = await libvirtd().addImage(file, "base.qcow2");
    await virsh(libvirtd(), "pool-refresh", "default");
    image = VMSpec.fromPartial({ image: { name: "base", libvirt: { path } } }).image;
    successor = await startLibvirtProvider(libvirtd().uri, { settings });
    spare = startVictim(libvirtd());
  }, 180_000);
  afterAll(async () => {
    await (await spare).work(undefined, async () => {});
    await successor.stop();
    await rm(folder, { recursive: true });
    await libvirtd().stop();
  }, 60_000);

  const spec = (uid: string): VMSpec => ({
    ...smallSpec({
      name: `vm-${uid.slice(0, 8)}`,
      disks: [{ name: "root" }, { name: "data", sizeBytes: MiB }],
      cloudInit: { userData: "#cloud-config\n" },
    }),
    image,
  });
  const made = (connection: ProviderConnection, uid: string) => create(connection, uid, spec(uid));

  async function clone(connection: ProviderConnection, uid: string, mode: CloneMode): Promise<void> {
    const reference = { $case: "uid" as const, value: sourceOf(uid) };
    const request = CloneVMRequest.fromPartial({
      ...{ source: { reference }, uid, controllerId: "e2e", name: `clone-${uid.slice(0, 8)}`, mode },
    });
    await untilComplete(connection, (options) => connection.cloneVm(request, options));
  }

  const works: Readonly<Record<string, Work>> = {
    CreateVM: {
      changes: ["create volume", "create volume", "create volume", "upload", "define"],
      also: [atPiece(1), atPiece(2)],
      act: made,
    },
    DeleteVM: {
      changes: ["undefine", "delete volume", "delete volume", "delete volume"],
      prepare: made,
      act: remove,
    },
    CreateSnapshot: {
      changes: ["take snapshot", "refresh pool"],
      prepare: made,
      act: async (connection, uid) => {
        const { operation } = await connection.createSnapshot(
          CreateSnapshotRequest.fromPartial({ uid, name: "one" }),
        );
        if (operation !== undefined) await waitForOperation(connection, operation);
      },
    },
    ReconfigureVM: {
      changes: ["create volume", "resize volume", "define"],
      prepare: made,
      act: async (connection, uid) => {
        const { cpus, disks, ...same } = spec(uid);
        const grown = disks.map((disk) => (disk.name === "data" ? { ...disk, sizeBytes: 2 * MiB } : disk));
        const more = smallSpec({ disks: [{ name: "more", sizeBytes: MiB }] }).disks;
        const request = { uid, spec: { ...same, cpus: cpus + 1, disks: [...grown, ...more] } };
        await untilComplete(connection, (options) =>
          connection.reconfigureVm(ReconfigureVMRequest.fromPartial(request), options),
        );
      },
    },
    "CloneVM, full": {
      changes: ["delete volume", "copy volume", "delete volume", "copy volume", "define"],
      prepare: (connection, uid) => made(connection, sourceOf(uid)),
      act: (connection, uid) => clone(connection, uid, CloneMode.FULL),
    },
    "CloneVM, linked": {
      changes: [
        ...["take snapshot", "refresh pool"],
        ...["delete volume", "create volume", "delete volume", "create volume", "define"],
      ],
      prepare: (connection, uid) => made(connection, sourceOf(uid)),
      act: (connection, uid) => clone(connection, uid, CloneMode.LINKED),
    },
  };

  test.each(Object.keys(works))(
    "%s ends as if nothing had happened",
    async (name) => {
      const work = works[name] as Work;
      const before = await holdings(libvirtd());
      const calm = await perform(work, undefined);
      expect(calm).toMatchObject({ survived: true, changes: work.changes });
      const points = [...work.changes.map((_, index) => ({ afterChange: index })), ...(work.also ?? [])];
      for (const point of points) {
        const { survived, held } = await perform(work, point);
        expect({ point, survived, held }).toEqual({ point, survived: false, held: calm.held });
        expect({ point, ...(await holdings(libvirtd())) }).toEqual({ point, ...before });
      }
    },
    300_000,
  );

  /** Has a daemon do the work, and another do it again; answers what there is then, and removes it. */
  async function perform({ prepare, act }: Work, point: KillPoint | undefined) {
    const uid = randomUUID();
    await prepare?.(successor.connection, uid);
    const victim = await spare;
    spare = startVictim(libvirtd());
    const fate = await victim.work(point, (connection) => act(connection, uid));
    await act(successor.connection, uid);
    const held = await everythingOf(uid);
    await remove(successor.connection, uid);
    await remove(successor.connection, sourceOf(uid));
    return { ...fate, held };
  }

  /** Domains, volumes and VMs of a piece of work, without the name that is its own. */
  async function everythingOf(uid: string) {
    const { domains, volumes } = await holdings(libvirtd());
    const page = { pageSize: 1000, pageToken: "", view: View.FULL, includeUnowned: true };
    const { vms } = await successor.connection.listVMs(page);
    const facts = [domains, volumes, vms.map(({ spec, powerState }) => JSON.stringify({ spec, powerState }))];
    const text = JSON.stringify(facts).replaceAll(
      new RegExp(`${uid.slice(0, 8)}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?`, "g"),
      "…",
    );
    const [names, files, specs] = JSON.parse(text.replaceAll(/\.[0-9a-f]{10}\./g, ".mark.")) as [
      string[],
      string[],
      object[],
    ];
    return { names: names.sort(), files: files.sort(), specs: specs.sort() };
  }

  /** The VM that is cloned for the work of a uid. */
  const sourceOf = (uid: string): string => uid.replace(/.{12}$/, "50cc50cc50cc");
});
