import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { pveVersions } from "@virtrigaud/fakes";
import { pollUntil } from "@virtrigaud/kit";
import { encodeUpload } from "./encode-upload.ts";
import { Tasks } from "./tasks.ts";
import { rejection, withPve } from "./testing/running.ts";

const bytes = Buffer.from("a\r\n--b\r\n\0ü");
const file = { node: "pve1", storage: "local", content: "iso", filename: "seed-1.iso", bytes };

describe.each(pveVersions)("PVE %s", (version) => {
  test("stores a file as it is, and another one of its name in its place", async () => {
    const { pve, simulator } = await withPve({ version });
    const tasks = new Tasks(pve, { freshMs: 0 });
    for (const content of [Buffer.from("first"), bytes]) {
      const upid = await pve.upload({ ...file, bytes: content });
      const look = async () => ((await tasks.read(upid)).state === "ok" ? true : undefined);
      await pollUntil(look, { signal: AbortSignal.timeout(5_000), intervalMs: 1, maxIntervalMs: 10 });
      expect(simulator.cluster.uploads.get("local:iso/seed-1.iso")).toEqual(content);
    }
  });
});

test("the form, in the order and with the heads that PVE's servers of all versions need", () => {
  const { body, headers } = encodeUpload({ ...file, node: "n", storage: "s/t", bytes: Buffer.from("seed") });
  const boundary = headers["content-type"]?.split("boundary=")[1] ?? "";
  expect(boundary).toMatch(/^virtrigaud-[-0-9a-f]{36}$/);
  expect(String(body).replaceAll(boundary, "B").split("\r\n")).toEqual([
    "--B",
    'Content-Disposition: form-data; name="content"',
    "",
    "iso",
    "--B",
    'Content-Disposition: form-data; name="filename"; filename="seed-1.iso"',
    "Content-Type: application/octet-stream",
    "",
    "seed",
    "--B--",
    "",
  ]);
});

test("one that is refused says why", async () => {
  const { pve } = await withPve();
  expect(await rejection(pve.upload({ ...file, filename: "seed.txt" }))).toMatchObject({
    status: 400,
    errors: { filename: "wrong file extension" },
  });
});

test.each([
  { filename: 'a"\r\nX: y.iso' },
  { filename: "ü.iso" },
  { filename: "" },
  { node: ".." },
  { storage: "" },
])("%j is not sent", async (part) => {
  const { pve, arrived } = await withPve();
  expect(await rejection(pve.upload({ ...file, ...part }))).toBeInstanceOf(TypeError);
  expect(arrived()).toEqual([]);
});

test("a deadline and the caller's signal end it, and no error tells what is in it", async () => {
  const { pve } = await withPve({ onRequest: () => ({ kind: "delay", ms: 5_000 }) });
  const secret = { ...file, bytes: Buffer.from("hunter22") };
  const late = await rejection(pve.upload(secret, { deadlineMs: 300 }));
  expect(late).toMatchObject({ name: "PveUnreachable" });
  const reason = new Error("enough");
  expect(await rejection(pve.upload(secret, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(inspect(late, { depth: 9 })).not.toContain("hunter22");
});

test("one upload on a reset connection is one upload", async () => {
  const { pve, arrived } = await withPve({
    onRequest: ({ method }) => (method === "POST" ? { kind: "reset", when: "after" } : undefined),
  });
  expect(await rejection(pve.upload(file))).toMatchObject({ name: "PveUnreachable", sent: true });
  expect(arrived()).toEqual(["POST /nodes/pve1/storage/local/upload"]);
});
