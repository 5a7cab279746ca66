import { describe, expect, test } from "@jest/globals";
import { dataOf, stopAfterEach, withPve } from "../testing/with-pve.ts";

stopAfterEach();
const storage = "/nodes/pve1/storage";
const download = `${storage}/local/download-url`;

describe("download-url", () => {
  test.each([
    { content: "import", filename: "a.img", errors: { filename: "invalid filename or wrong extension" } },
    { content: "import", filename: "a.qcow2", errors: undefined },
    { content: "iso", filename: "a.qcow2", errors: { filename: "wrong file extension" } },
    { content: "iso", filename: "a.img", errors: undefined },
    {
      content: "snippets",
      filename: "a.yaml",
      errors: { content: "value 'snippets' does not have a value in the enumeration 'iso, vztmpl, import'" },
    },
  ])("$content $filename: $errors", async ({ content, filename, errors }) => {
    const { call } = await withPve();
    const { body } = await call("POST", download, { content, filename, url: "https://x.example/y" });
    expect((body as { errors?: unknown }).errors).toEqual(errors);
  });

  test("7.4 cannot import, 6.4 cannot download", async () => {
    const seven = await withPve({ version: "7.4" });
    const params = { content: "import", filename: "a.qcow2", url: "https://x.example/y" };
    expect((await seven.call("POST", download, params)).body).toMatchObject({
      errors: { content: "value 'import' does not have a value in the enumeration 'iso, vztmpl'" },
    });
    const six = await withPve({ version: "6.4" });
    expect((await six.call("POST", download, params)).status).toBe(501);
  });

  test.each([
    { web: () => "404 Not Found", exit: "download failed: exit code 8" },
    { web: () => ({ sizeBytes: 2 ** 50 }), exit: "download failed: exit code 3" },
    {
      web: () => ({ sizeBytes: 10, checksums: { sha256: "aa" } }),
      exit: "checksum mismatch: got 'aa' != expect 'bb'",
    },
    { web: () => ({ sizeBytes: 10, checksums: { sha256: "BB" } }), exit: "OK" },
    { web: () => ({ sizeBytes: 10 }), exit: "OK" },
  ])("ends as $exit", async ({ web, exit }) => {
    const { run } = await withPve({ web });
    const params = {
      content: "import",
      filename: "a.qcow2",
      url: "https://x.example/y",
      checksum: "bb",
      "checksum-algorithm": "sha256",
    };
    expect((await run("POST", download, params)).exit).toBe(exit);
  });

  test("what is there already is not fetched again", async () => {
    const { run } = await withPve();
    const params = { content: "iso", filename: "a.iso", url: "https://x.example/y" };
    await run("POST", download, params);
    expect((await run("POST", download, params)).exit).toBe(
      "refusing to override existing file '/var/lib/vz/template/iso/a.iso'",
    );
    const checked = { ...params, checksum: "bb", "checksum-algorithm": "sha256" };
    expect((await run("POST", download, checked)).exit).toBe("OK");
  });
});

test("a volume is made, looked at and removed by its id, which holds a slash", async () => {
  const { call, run, get } = await withPve();
  const made = await call("POST", `${storage}/local/content`, {
    vmid: 100,
    filename: "vm-100-disk-7.qcow2",
    size: "2G",
  });
  expect(dataOf(made)).toBe("local:100/vm-100-disk-7.qcow2");
  const path = `${storage}/local/content/${encodeURIComponent("local:100/vm-100-disk-7.qcow2")}`;
  expect(await get(path)).toEqual({
    path: "/var/lib/vz/images/100/vm-100-disk-7.qcow2",
    format: "qcow2",
    size: 2 ** 31,
    used: 331776,
  });
  expect(await run("DELETE", path)).toEqual({
    exit: "OK",
    log: ["Removed volume 'local:100/vm-100-disk-7.qcow2'", "TASK OK"],
  });
  expect(await get(`${storage}/local/content`)).toEqual([]);
});

test("storages of a node, with what is left on them", async () => {
  const { get, run } = await withPve({
    nodes: [{ name: "pve1" }, { name: "pve2" }],
    storages: [
      { id: "here", type: "lvm", totalBytes: 100, usedBytes: 40, nodes: ["pve1"] },
      { id: "there", type: "rbd", nodes: ["pve2"] },
    ],
  });
  expect(await get(storage, { content: "images" })).toEqual([
    {
      storage: "here",
      type: "lvm",
      content: "images,rootdir",
      shared: 0,
      enabled: 1,
      active: 1,
      total: 100,
      used: 40,
      avail: 60,
      used_fraction: 0.4,
    },
  ]);
  expect((await run("POST", "/nodes/pve2/qemu", { vmid: 100, scsi0: "here:1" })).exit).toBe(
    "unable to create VM 100 - storage 'here' is not available on node 'pve2'",
  );
});
