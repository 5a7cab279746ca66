import { rm, utimes, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { ChecksumAlgorithm, EnsureState, Feature, OperationState } from "@virtrigaud/proto";
import { startRealLibvirtd } from "../testing/real-libvirtd.ts";
import { findImage } from "./find-image.ts";
import { hash, rawBytes, run } from "./testing/image-files.ts";
import { anyData, Lab, linkName, untilPercent } from "./testing/lab.ts";
import { ended, never, once, prepare, testHost } from "./testing/test-host.ts";
import { serve, serveHalf } from "./testing/web-server.ts";

const { reason, daemon, stop } = await startRealLibvirtd();
afterAll(stop);

(reason === undefined ? describe : describe.skip)(`imports into a real libvirtd ${reason ?? ""}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open(daemon());
  });
  afterAll(() => lab.close());
  beforeEach(() => lab.begin());
  afterEach(() => lab.end());

  test.each(["qcow2", "raw"] as const)("%s is stored once, and disks go on top of it", async (kind) => {
    lab.web.pages.set("/image", serve(lab.files[kind]));
    const sha256 = hash("sha256", lab.files[kind]);
    const image = lab.urlImage("/image", { checksum: sha256, format: kind });
    const host = testHost(lab.libvirt);
    const first = await once(host, image);
    expect(first).toMatchObject({
      state: EnsureState.IN_PROGRESS,
      operation: { description: "import image i" },
      image: undefined,
      advice: [],
    });
    const prepared = lab.prepared(lab.files[kind]);
    expect(await ended(host, first.operation)).toMatchObject({
      state: OperationState.SUCCEEDED,
      result: { $case: "preparedImage", value: prepared },
    });
    const complete = { state: EnsureState.COMPLETE, operation: undefined, advice: [], image: prepared };
    expect(await once(host, image)).toEqual(complete);
    expect(await once(testHost(lab.other), image)).toEqual(complete);
    expect(lab.web.asked).toEqual(["/image"]);
    expect(await lab.volumes()).toEqual([anyData, linkName("sha256", sha256)]);

    const base = await findImage(host, image, { signal: never });
    expect(base).toEqual({ path: prepared.id, format: "qcow2", sha256, sizeBytes: rawBytes });
    const [overlay, original] = [lab.path("overlay.qcow2"), lab.path("original.raw")];
    await writeFile(original, lab.files.raw);
    await run("qemu-img", ["create", "-f", "qcow2", "-b", prepared.id, "-F", "qcow2", overlay]);
    await run("qemu-img", ["compare", "-f", "qcow2", "-F", "raw", overlay, original]);
  });

  test("the same content by URL, SHA-512 and SHA-256 is stored once", async () => {
    const host = testHost(lab.libvirt);
    const { qcow2 } = lab.files;
    const [sha256, sha512] = [hash("sha256", qcow2), hash("sha512", qcow2)];
    expect(await prepare(host, lab.urlImage("/image"))).toEqual({
      state: EnsureState.COMPLETE,
      operation: undefined,
      image: lab.prepared(qcow2),
      advice: [{ feature: Feature.IMAGE_PREPARE, message: expect.stringContaining(`sha256:${sha256}`) }],
    });
    const more = { checksum: sha512, checksumAlgorithm: ChecksumAlgorithm.SHA512 };
    const same = { state: EnsureState.COMPLETE, image: lab.prepared(qcow2), advice: [] };
    expect(await prepare(host, lab.urlImage("/image", more))).toMatchObject(same);
    expect(await prepare(host, lab.goodImage())).toMatchObject(same);
    expect(lab.web.asked).toEqual(["/image", "/image"]);
    const url = hash("sha256", Buffer.from(`${lab.web.origin}/image`));
    expect(await lab.volumes()).toEqual([
      anyData,
      linkName("sha256", sha256),
      linkName("sha512", sha512),
      linkName("url", url),
    ]);
    const found = await findImage(host, lab.urlImage("/image"), { signal: never });
    expect(found?.path).toBe(lab.prepared(qcow2).id);
  });

  test("cancelled midway it leaves nothing", async () => {
    const host = testHost(lab.libvirt);
    const { page } = serveHalf(lab.files.qcow2);
    lab.web.pages.set("/image", page);
    const { operation } = await once(host, lab.goodImage());
    await untilPercent(host, operation, 40);
    expect(await lab.volumes()).toEqual([anyData]);
    expect(await host.jobs.cancel(operation?.name ?? "")).toMatchObject({ state: OperationState.CANCELLED });
    expect(await lab.volumes()).toEqual([]);
  });

  test("a daemon killed midway: another imports the image, and one later removes what is left", async () => {
    const { page, goOn } = serveHalf(lab.files.qcow2);
    lab.web.pages.set("/image", page);
    const killed = await lab.connect();
    const before = testHost(killed);
    const { operation } = await once(before, lab.goodImage());
    await untilPercent(before, operation, 40);
    const [left = ""] = await lab.volumes();
    // As SIGKILL does: no connection any more, nothing tidied up.
    killed.close();
    goOn();
    await ended(before, operation);
    lab.web.pages.set("/image", serve(lab.files.qcow2));
    const after = testHost(lab.libvirt);
    const prepared = { image: lab.prepared(lab.files.qcow2) };
    expect(await prepare(after, lab.goodImage())).toMatchObject(prepared);
    const [one = "", two = "", published] = await lab.volumes();
    expect([one, two]).toContain(left);
    expect(published).toBe(linkName("sha256", hash("sha256", lab.files.qcow2)));

    const longAgo = new Date(Date.now() - 11 * 60_000);
    for (const name of [one, two]) await utimes(lab.path(name), longAgo, longAgo);
    lab.web.pages.set("/other", serve(lab.files.raw));
    await prepare(after, lab.urlImage("/other"));
    const remaining = await lab.volumes();
    expect(remaining).not.toContain(left);
    // Data and link of the first image, data and two links of the second.
    expect(remaining).toHaveLength(5);
    expect(await once(after, lab.goodImage())).toMatchObject(prepared);
  });

  test("two requests of one daemon share an import; two daemons' leave one image", async () => {
    const [one, two] = [testHost(lab.libvirt), testHost(lab.other)];
    const { page, goOn } = serveHalf(lab.files.qcow2);
    lab.web.pages.set("/image", page);
    const image = lab.goodImage();
    const first = await once(one, image);
    const [second, others] = await Promise.all([once(one, image), once(two, image)]);
    expect(second.operation?.name).toBe(first.operation?.name);
    await untilPercent(one, first.operation, 40);
    await untilPercent(two, others.operation, 40);
    expect(lab.web.asked).toEqual(["/image", "/image"]);
    goOn();
    const succeeded = {
      state: OperationState.SUCCEEDED,
      result: { value: lab.prepared(lab.files.qcow2) },
    };
    expect(await ended(one, first.operation)).toMatchObject(succeeded);
    expect(await ended(two, others.operation)).toMatchObject(succeeded);
    expect(await lab.volumes()).toEqual([anyData, linkName("sha256", hash("sha256", lab.files.qcow2))]);
  });

  test("what an operator removed, or a crash left half made, is made anew", async () => {
    const host = testHost(lab.libvirt);
    const { qcow2 } = lab.files;
    const [name, prepared] = [linkName("sha256", hash("sha256", qcow2)), { image: lab.prepared(qcow2) }];
    await prepare(host, lab.goodImage());
    const [data = ""] = await lab.volumes();
    await rm(lab.path(data));
    await lab.refresh();
    expect(await prepare(host, lab.goodImage())).toMatchObject(prepared);
    expect(await lab.volumes()).toEqual([anyData, name]);

    await writeFile(lab.path(name), "");
    await lab.refresh();
    expect(await findImage(host, lab.goodImage(), { signal: never })).toBeUndefined();
    expect(await prepare(host, lab.goodImage())).toMatchObject(prepared);
  });

  test("a half made link that libvirtd has not seen is replaced as well", async () => {
    const host = testHost(lab.libvirt);
    const { page, goOn } = serveHalf(lab.files.qcow2);
    lab.web.pages.set("/image", page);
    const { operation } = await once(host, lab.goodImage());
    await untilPercent(host, operation, 40);
    await writeFile(lab.prepared(lab.files.qcow2).id, "");
    goOn();
    expect(await ended(host, operation)).toMatchObject({ state: OperationState.SUCCEEDED });
    expect(await once(host, lab.goodImage())).toMatchObject({ state: EnsureState.COMPLETE });
  });

  test("memory does not grow with the image", async () => {
    const size = 256 * 2 ** 20;
    const piece = Buffer.alloc(2 ** 18);
    lab.web.pages.set("/image", async (_, response) => {
      response.writeHead(200, { "content-length": size });
      for (let sent = 0; sent < size; sent += piece.length)
        if (!response.write(piece)) await new Promise((resolve) => response.once("drain", resolve));
      response.end();
    });
    const host = testHost(lab.libvirt);
    let most = 0;
    const held = () => {
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      return arrayBuffers + heapUsed;
    };
    const before = held();
    const { operation } = await once(host, lab.urlImage("/image", { format: "raw" }));
    while (host.jobs.get(operation?.name ?? "").state === OperationState.RUNNING) {
      most = Math.max(most, held());
      await sleep(10);
    }
    expect(host.jobs.get(operation?.name ?? "").state).toBe(OperationState.SUCCEEDED);
    expect(most - before).toBeLessThan(64 * 2 ** 20);
  });
});
