import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { PveOptions } from "../options.ts";
import { pveVersions } from "../release.ts";
import { type Answer, ask } from "../testing/client.ts";
import { dataOf, finished, type Running, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const path = "/nodes/pve1/storage/local/upload";
const bytes = Buffer.from([0, 13, 10, 45, 45, 120, 13, 10, 255, 13, 10]);
const content = { content: "iso" };

interface Form {
  readonly fields?: Readonly<Record<string, string>>;
  readonly filename?: string;
  readonly to?: string;
  readonly data?: Buffer;
  readonly token?: number;
}

/** Sends a file as browsers do: a form, with the fields before it. */
function upload({ pve }: Running, form: Form = {}): Promise<Answer> {
  const { fields = content, filename = "a.iso", to = path, data = bytes, token = 0 } = form;
  const { id, secret } = pve.cluster.access.tokens[token] ?? pve.token;
  const part = (disposition: string, more: string, text: string) =>
    `--x\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${text}`;
  const texts = Object.entries(fields).map(([name, text]) => part(`name="${name}"`, "", `${text}\r\n`));
  const type = "Content-Type: application/octet-stream\r\n";
  const file = part(`name="filename"; filename="${filename}"`, type, "");
  const raw = Buffer.concat([Buffer.from(texts.join("") + file), data, Buffer.from("\r\n--x--\r\n")]);
  const headers = {
    Authorization: `PVEAPIToken=${id}=${secret}`,
    "Content-Type": "multipart/form-data; boundary=x",
  };
  return ask(pve, { method: "POST", path: to, raw, headers });
}

const stored = ({ get }: Running, node = "pve1") => get(`/nodes/${node}/storage/local/content`);

describe.each(pveVersions)("%s", (version) => {
  test("stores a file as it is, and the next one of its name in its place", async () => {
    const running = await withPve({ version });
    for (const data of [Buffer.from("the first"), bytes]) {
      const answer = await upload(running, { data });
      expect(dataOf(answer)).toMatch(/^UPID:pve1:.*:imgcopy::root@pam!/);
      expect((await finished(running.pve, answer)).exit).toBe("OK");
    }
    expect(await stored(running)).toEqual([
      expect.objectContaining({
        volid: "local:iso/a.iso",
        content: "iso",
        format: "iso",
        size: bytes.length,
      }),
    ]);
    expect(running.pve.cluster.uploads).toEqual(new Map([["local:iso/a.iso", bytes]]));
    await running.call("DELETE", "/nodes/pve1/storage/local/content/local:iso/a.iso?delay=5");
    expect(await stored(running)).toEqual([]);
    expect(running.pve.cluster.uploads.size).toBe(0);
  });

  test("a name that is none", async () => {
    const running = await withPve({ version });
    const filename = version === "6.4" ? "missing '.iso' or '.img' extension" : "wrong file extension";
    expect((await upload(running, { filename: "a.txt" })).body).toMatchObject({ errors: { filename } });
  });
});

test.each<[string, PveOptions, Form, string]>([
  [
    "a storage that is not for it",
    { storages: [{ id: "local", content: ["images"] }] },
    {},
    "storage 'local' does not support 'iso' content",
  ],
  [
    "a storage without files",
    { storages: [{ id: "local", type: "lvmthin" }] },
    {},
    "can't upload to storage type 'lvmthin'",
  ],
  ["no such storage", { storages: [{ id: "other" }] }, {}, "storage 'local' does not exist"],
  [
    "a node that does not answer",
    { nodes: [{ name: "pve1" }, { name: "pve2", online: false }] },
    { to: "/nodes/pve2/storage/local/upload" },
    "can't activate storage 'local' on node 'pve2': command '/usr/bin/ssh' failed: exit code 255",
  ],
  ["a field that nobody looks for", {}, { fields: { note: "x", ...content } }, "upload failed"],
])("refuses %s", async (_, options, form, expected) => {
  const { status, reason } = await upload(await withPve(options), form);
  expect([status, reason]).toEqual([500, expected]);
});

test("another node's file is copied there by the one that took it, whose task it is", async () => {
  const running = await withPve({ nodes: [{ name: "pve1" }, { name: "pve2" }] });
  const answer = await upload(running, { to: "/nodes/pve2/storage/local/upload" });
  expect(dataOf(answer)).toMatch(/^UPID:pve1:/);
  await finished(running.pve, answer);
  expect(await stored(running)).toEqual([]);
  expect(await stored(running, "pve2")).toHaveLength(1);
});

test("needs Datastore.AllocateTemplate", async () => {
  const weak = { id: "root@pam!weak", privileges: { "/": ["Datastore.AllocateSpace"] } };
  const running = await withPve({ tokens: [{ id: "root@pam!all" }, weak] });
  const { status, reason } = await upload(running, { token: 1 });
  expect([status, reason]).toEqual([
    403,
    "Permission check failed (/storage/local, Datastore.AllocateTemplate)",
  ]);
});

test.each([
  ["the right checksum", createHash("sha256").update(bytes).digest("hex"), /^OK$/],
  ["a wrong one", "00", /^checksum mismatch: got '[0-9a-f]{64}' != expect '00'$/],
])("%s", async (_, checksum, exit) => {
  const running = await withPve();
  const fields = { ...content, "checksum-algorithm": "sha256", checksum };
  expect((await finished(running.pve, await upload(running, { fields }))).exit).toMatch(exit);
});

test("no content type is the parameter's fault; files go nowhere else", async () => {
  const running = await withPve();
  expect((await upload(running, { fields: {} })).body).toMatchObject({
    errors: { content: "property is missing and it is not optional" },
  });
  expect((await upload(running, { to: "/nodes/pve1/qemu" })).status).toBe(506);
});
