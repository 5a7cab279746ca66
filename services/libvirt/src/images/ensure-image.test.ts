import { mkdtemp, chmod, rm, writeFile } from "node:fs/promises";
import { status } from "@virtrigaud/kit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { EnsureState, Image } from "@virtrigaud/proto";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { findImage } from "./find-image.ts";
import { hash, rawBytes } from "./testing/image-files.ts";
import { Lab, linkName } from "./testing/lab.ts";
import { never, once, prepare, testHost } from "./testing/test-host.ts";

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? describe : describe.skip)(`images of a real libvirtd ${reason ?? ""}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open(daemon());
  });
  afterAll(() => lab.close());
  beforeEach(() => lab.begin());
  afterEach(() => lab.end());

  const imageAt = (name: string) => Image.fromPartial({ libvirt: { path: lab.path(name) } });
  const find = (image: Image) => findImage(testHost(lab.libvirt), image, { signal: never });

  test("looking a prepared image up takes one call", async () => {
    await prepare(testHost(lab.libvirt), lab.goodImage());
    const calls: string[] = [];
    const counted = await lab.connect({ onRoundTrip: ({ procedure }) => calls.push(procedure) });
    const host = testHost(counted);
    const pools = await host.pools({ signal: never });
    calls.length = 0;
    await findImage({ ...host, pools: async () => pools }, lab.goodImage(), { signal: never });
    expect(calls).toEqual(["storageVolGetXmlDesc"]);
    counted.close();
  });

  test("the storage class chooses the pool, and the image is found there all the same", async () => {
    const folder = await mkdtemp("/tmp/pool-");
    await chmod(folder, 0o777);
    const xml = `<pool type="dir"><name>second</name><target><path>${folder}</path></target></pool>`;
    const { pool } = await lab.libvirt.call("storagePoolCreateXml", { xml });
    const host = testHost(lab.libvirt, { storageClasses: { fast: { pool: "second" } } });
    const path = `${folder}/${linkName("sha256", hash("sha256", lab.files.qcow2))}`;
    expect(await prepare(host, lab.goodImage(), "fast")).toMatchObject({ image: { id: path } });
    expect(await find(lab.goodImage())).toMatchObject({ path });
    expect(await lab.volumes()).toEqual([]);
    await lab.libvirt.call("storagePoolDestroy", { pool });
    await rm(folder, { recursive: true });
  });

  describe("files that are there already", () => {
    test.each(["qcow2", "raw"] as const)("%s, whether or not libvirtd has seen it yet", async (kind) => {
      await writeFile(lab.path("mine"), lab.files[kind]);
      expect(await find(imageAt("mine"))).toBeUndefined();
      const path = lab.path("mine");
      expect(await once(testHost(lab.libvirt), imageAt("mine"))).toEqual({
        state: EnsureState.COMPLETE,
        operation: undefined,
        image: { id: path, location: `pool default, ${path}`, digest: "", sizeBytes: rawBytes },
        advice: [],
      });
      expect(await find(imageAt("mine"))).toEqual({ path, format: kind, sizeBytes: rawBytes });
      expect(await lab.volumes()).toEqual(["mine"]);
    });

    test("one that is missing", async () => {
      await expect(once(testHost(lab.libvirt), imageAt("nowhere"))).rejects.toMatchObject({
        code: status.NOT_FOUND,
        reason: "IMAGE_NOT_FOUND",
      });
    });

    test.each(["onBacking", "onDataFile"] as const)(
      "%s: refused, even if it was good before",
      async (kind) => {
        await writeFile(lab.path("mine"), lab.files.qcow2);
        await once(testHost(lab.libvirt), imageAt("mine"));
        await rm(lab.path("mine"));
        await writeFile(lab.path("mine"), lab.files[kind]);
        await lab.refresh();
        const refused = { code: status.FAILED_PRECONDITION, reason: "IMAGE_REFUSED" };
        await expect(once(testHost(lab.libvirt), imageAt("mine"))).rejects.toMatchObject(refused);
        await expect(find(imageAt("mine"))).rejects.toMatchObject(refused);
      },
    );
  });

  const url = { url: "http://h/x" };
  test.each([
    ["no source", {}, "", "IMAGE_SOURCE_MISSING", "image"],
    ["a file in no pool", { libvirt: { path: "/etc/passwd" } }, "", "IMAGE_REFUSED", "image.libvirt.path"],
    ["an unknown class", { url }, "fast", "STORAGE_CLASS_UNKNOWN", "storage_class"],
    [
      "an unknown pool",
      { libvirt: { storagePool: "p", url } },
      "",
      "PLACEMENT_UNKNOWN",
      "image.libvirt.storage_pool",
    ],
  ])("%s is refused at once", async (_, partial: object, storageClass, refusal, field) => {
    const image = Image.fromPartial({ name: "i", ...partial });
    await expect(once(testHost(lab.libvirt), image, storageClass)).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: refusal,
      violations: [{ field, reason: refusal }],
    });
    expect(await find(image)).toBeUndefined();
  });
});
