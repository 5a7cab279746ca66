import { randomUUID } from "node:crypto";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import { VMSpec } from "@virtrigaud/proto";
import { type ProviderDaemon, startLibvirtProvider } from "@virtrigaud/test-tools";
import { describeOnLibvirtd, holdings, MiB, virsh } from "./faults-lab.ts";
import { type KillPoint, settings, startVictim } from "./faults-victim.ts";
import { type ImageServer, serveImage } from "./image-server.ts";

const changes = [
  ...["refresh pool", "create volume", "upload"],
  // The image by its content, then by its URL.
  ...["create volume", "create volume", "refresh pool"],
];
const points: readonly KillPoint[] = [
  { atPiece: 2 },
  ...[1, 2, 3, 4].map((index) => ({ afterChange: index })),
];
const whole = ["vrtg-image-sha256-….qcow2", "vrtg-image-url-….qcow2", "vrtg-image-….data"].sort();

describeOnLibvirtd("SIGKILL of the provider while it imports an image", (libvirtd) => {
  let successor: ProviderDaemon;
  let server: ImageServer;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "import-"));
    const file = join(folder, "image.raw");
    await writeFile(file, Buffer.alloc(4 * MiB, 7));
    server = await serveImage(file);
    successor = await startLibvirtProvider(libvirtd().uri, { settings });
  }, 180_000);
  afterAll(async () => {
    await successor.stop();
    await server.stop();
    await rm(folder, { recursive: true });
    await libvirtd().stop();
  }, 60_000);

  test("the image is whole and single, and what is left over goes with the next import", async () => {
    const calm = await importing(undefined);
    expect(calm).toMatchObject({ survived: true, changes });
    expect(kinds(await volumes())).toEqual(whole);
    await removeVolumes(await volumes());
    for (const point of points) {
      const { survived, prepared } = await importing(point);
      expect({ point, survived, prepared }).toEqual({ point, survived: false, prepared: calm.prepared });
      const [links, data] = await linksAndData();
      expect(kinds([...links, ...data.slice(0, 1)])).toEqual(whole);
      // Data that nothing leads to may be what another daemon still writes to, so it stays for ten minutes.
      await removeVolumes(links);
      const longAgo = Date.now() / 1000 - 3600;
      for (const name of data) await utimes(join(libvirtd().pool, name), longAgo, longAgo);
      await prepare(successor.connection);
      expect({ point, volumes: kinds(await volumes()) }).toEqual({ point, volumes: whole });
      await removeVolumes(await volumes());
    }
  }, 300_000);

  /** Has a daemon import it from a new URL, and another do it again. */
  async function importing(point: KillPoint | undefined) {
    const url = newUrl();
    const victim = await startVictim(libvirtd());
    const fate = await victim.work(point, (connection) => prepare(connection, url));
    const { image: prepared } = await prepare(successor.connection, url);
    return { ...fate, prepared };
  }

  const newUrl = (): string => `${server.url}?${randomUUID()}`;

  function prepare(connection: ProviderConnection, url = newUrl()) {
    const { image } = VMSpec.fromPartial({ image: { name: "i", url: { url, format: "raw" } } });
    return untilComplete(connection, (options) =>
      connection.prepareImage({ image, storageClass: "" }, options),
    );
  }

  const volumes = async () => (await holdings(libvirtd())).volumes;

  async function linksAndData(): Promise<[links: string[], data: string[]]> {
    const all = await volumes();
    const isData = (name: string) => name.endsWith(".data");
    return [all.filter((name) => !isData(name)), all.filter(isData)];
  }

  async function removeVolumes(names: readonly string[]): Promise<void> {
    for (const name of names) await virsh(libvirtd(), "vol-delete", name, "default");
  }
});

/** Names without what is different each time. */
const kinds = (names: readonly string[]): string[] =>
  names.map((name) => name.replaceAll(/[0-9a-f]{16,}/g, "…")).sort();
