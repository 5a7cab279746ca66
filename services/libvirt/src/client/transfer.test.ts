import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type FakeLibvirtd, startFakeLibvirtd } from "../testing/fake-libvirtd.ts";
import { Libvirt } from "./libvirt.ts";
import type { RoundTrip } from "./round-trip.ts";

const vol = { pool: "default", name: "a.img", key: "/pool/a.img" };
/** Not a multiple of anything, and all pieces differ. */
const bytes = Buffer.from(Array.from({ length: 1_000_003 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

let fake: FakeLibvirtd;
let libvirt: Libvirt;
let trips: RoundTrip[];
beforeEach(async () => {
  fake = await startFakeLibvirtd({
    answers: { connectGetHostname: () => ({ hostname: "h" }) },
    volumes: new Map([[vol.key, Buffer.alloc(0)]]),
  });
  trips = [];
  libvirt = new Libvirt({ uri: fake.uri, keepAliveMs: 30, onRoundTrip: (trip) => trips.push(trip) });
});
afterEach(async () => {
  libvirt.close();
  await fake.stop();
});

/** Until no transfer has a connection any more. */
async function allClosed(): Promise<void> {
  while (fake.connections.length > 0) await sleep(1);
}

test.each([
  ["in one piece", [bytes]],
  [
    "in many pieces, some empty",
    [bytes.subarray(0, 1), Buffer.alloc(0), bytes.subarray(1, 9), bytes.subarray(9)],
  ],
  ["of nothing", []],
])("upload %s", async (_, pieces) => {
  await libvirt.upload(vol, pieces);
  expect(fake.volumes.get(vol.key)?.equals(Buffer.concat(pieces))).toBe(true);
  await allClosed();
});

test("download", async () => {
  fake.volumes.set(vol.key, bytes);
  const pieces: Uint8Array[] = [];
  for await (const piece of libvirt.download(vol)) pieces.push(piece);
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  await allClosed();
});

test("a slow reader holds libvirtd up, not other calls, and is not cut off", async () => {
  fake.volumes.set(vol.key, Buffer.alloc(64 * 2 ** 20));
  let received = 0;
  for await (const piece of libvirt.download(vol)) {
    if (received === 0) {
      await sleep(300);
      expect(fake.connections[0]?.unsentBytes).toBeGreaterThan(60 * 2 ** 20);
      expect(await libvirt.call("connectGetHostname", {})).toEqual({ hostname: "h" });
    }
    received += piece.length;
  }
  expect(received).toBe(64 * 2 ** 20);
});

test("leaving the loop ends the download", async () => {
  fake.volumes.set(vol.key, Buffer.alloc(64 * 2 ** 20));
  for await (const piece of libvirt.download(vol)) if (piece.length > 0) break;
  expect(fake.dropped).toBe(1);
  await allClosed();
});

test.each(["upload", "download"] as const)("a refused %s", async (kind) => {
  const missing = { ...vol, key: "/nowhere" };
  const work =
    kind === "upload"
      ? libvirt.upload(missing, [bytes])
      : libvirt.download(missing)[Symbol.asyncIterator]().next();
  await expect(work).rejects.toMatchObject({ name: "LibvirtError", code: 50 });
  await allClosed();
});

test("what a transfer began with is reported as a call, refused or not", async () => {
  await libvirt.upload(vol, [bytes]);
  const refused = libvirt.upload({ ...vol, key: "/nowhere" }, [bytes]);
  await expect(refused).rejects.toThrow("Storage volume not found");
  expect(trips).toEqual([
    { procedure: "storageVolUpload", durationMs: expect.any(Number), error: undefined },
    {
      procedure: "storageVolUpload",
      durationMs: expect.any(Number),
      error: expect.objectContaining({ code: 50 }),
    },
  ]);
});

test("a source that fails ends the upload with its error, and libvirtd has dropped it by then", async () => {
  const failure = new Error("checksum");
  const source = async function* () {
    yield bytes;
    throw failure;
  };
  await expect(libvirt.upload(vol, source())).rejects.toBe(failure);
  await allClosed();
  expect(fake.dropped).toBe(1);
});

test("an aborted upload ends at once, even if its source hangs", async () => {
  const controller = new AbortController();
  const source = async function* () {
    yield bytes;
    await new Promise(() => {});
  };
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 30);
  await expect(libvirt.upload(vol, source(), { signal: controller.signal })).rejects.toBe(reason);
  await allClosed();
});

test("an upload that libvirtd takes no more of ends after the stall", async () => {
  const source = async function* () {
    yield bytes;
    fake.freeze();
    for (;;) yield bytes;
  };
  await expect(libvirt.upload(vol, source(), { stallMs: 50 })).rejects.toMatchObject({
    name: "LibvirtUnreachable",
    sent: "maybe",
    message: "storageVolUpload: libvirtd let it wait for 50 ms",
  });
});

test("a killed libvirtd ends transfers", async () => {
  const source = async function* () {
    yield bytes;
    await fake.kill();
    for (;;) yield bytes;
  };
  await expect(libvirt.upload(vol, source())).rejects.toMatchObject({
    name: "LibvirtUnreachable",
    sent: "maybe",
  });
});

test("closing the client ends transfers", async () => {
  fake.volumes.set(vol.key, Buffer.alloc(64 * 2 ** 20));
  const download = async () => {
    for await (const piece of libvirt.download(vol)) if (piece.length > 0) libvirt.close();
  };
  await expect(download()).rejects.toThrow("the client was closed");
  await allClosed();
});
