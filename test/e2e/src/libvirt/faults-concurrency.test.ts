import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { VMSpec } from "@virtrigaud/proto";
import { type ProviderDaemon, startLibvirtProvider } from "@virtrigaud/test-tools";
import {
  create,
  describeOnLibvirtd,
  eventuallyDone,
  everyVm,
  holdings,
  remove,
  smallSpec,
} from "./faults-lab.ts";
import { settings } from "./faults-victim.ts";

const callers = 16;
const alreadyExists = 6;

describeOnLibvirtd("two provider daemons on one libvirtd", (libvirtd) => {
  let daemons: ProviderDaemon[];
  let before: Awaited<ReturnType<typeof holdings>>;
  beforeAll(async () => {
    before = await holdings(libvirtd());
    const start = () => startLibvirtProvider(libvirtd().uri, { settings });
    daemons = await Promise.all([start(), start()]);
    // Neither has to find out about the host while the race is on.
    await Promise.all(daemons.map(({ connection }) => connection.getCapabilities({})));
  }, 180_000);
  afterAll(async () => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    await libvirtd().stop();
  }, 60_000);

  const spec = (name: string): VMSpec => ({
    ...smallSpec({ name, cloudInit: { userData: "#cloud-config\n" } }),
  });
  /** Calls at the same time, one daemon after the other. */
  const race = <T>(work: (daemon: ProviderDaemon, index: number) => Promise<T>) =>
    Promise.allSettled(
      Array.from({ length: callers }, (_, index) =>
        work(daemons[index % daemons.length] as ProviderDaemon, index),
      ),
    );

  test("one uid: one VM, whole, whoever is asked", async () => {
    for (let round = 0; round < 3; round += 1) {
      const [uid, wanted] = [randomUUID(), spec(`one-uid-${round}`)];
      const outcomes = await race(({ connection }) => eventuallyDone(() => create(connection, uid, wanted)));
      expect(outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []))).toEqual(
        [],
      );
      for (const { connection } of daemons)
        expect((await connection.listVMs(everyVm)).vms.map(({ id }) => id)).toEqual([uid]);
      expect(await holdings(libvirtd())).toEqual({
        domains: [wanted.name],
        volumes: [`${uid}-root.qcow2`, `${uid}-seed.iso`],
      });
      await remove((daemons[round % 2] as ProviderDaemon).connection, uid);
      expect(await holdings(libvirtd())).toEqual(before);
    }
  }, 120_000);

  test("one name: one of them gets it, the others are told, and nothing of theirs stays", async () => {
    for (let round = 0; round < 3; round += 1) {
      const uids = Array.from({ length: callers }, () => randomUUID());
      const outcomes = await race(({ connection }, index) =>
        eventuallyDone(() => create(connection, uids[index] as string, spec(`one-name-${round}`))),
      );
      const winners = outcomes.flatMap((outcome) =>
        outcome.status === "fulfilled" ? [outcome.value.id] : [],
      );
      expect(winners).toHaveLength(1);
      const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
      expect(refusals).toEqual(
        new Array(callers - 1).fill(expect.objectContaining({ code: alreadyExists, reason: "NAME_TAKEN" })),
      );
      expect(await holdings(libvirtd())).toEqual({
        domains: [`one-name-${round}`],
        volumes: [`${winners[0]}-root.qcow2`, `${winners[0]}-seed.iso`],
      });
      await remove((daemons[round % 2] as ProviderDaemon).connection, winners[0] as string);
      expect(await holdings(libvirtd())).toEqual(before);
    }
  }, 120_000);
});
