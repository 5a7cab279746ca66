import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { Fault, PveOptions, PveRequest } from "@virtrigaud/fakes";
import { status } from "@virtrigaud/kit";
import { type ProviderConnection, untilComplete } from "@virtrigaud/kit/client";
import { EnsureState, Feature, Image, OperationState, View } from "@virtrigaud/proto";
import { eventually } from "../testing/eventually.ts";
import { create, done, patiently, remove, smallSpec, startLab } from "../testing/lab.ts";

const url = "https://images.example/debian-13.qcow2";
const checksum = "ab".repeat(32);
const web = Image.fromPartial({ name: "debian", url: { url, checksum } });
const MiB = 1024 ** 2;
const simulated: PveOptions = {
  web: (asked) => (asked === url ? { sizeBytes: 300 * MiB, virtualBytes: 2048 * MiB } : "404 Not Found"),
};

function prepare(connection: ProviderConnection, image: Image, storageClass = "") {
  return untilComplete(connection, (options) => connection.prepareImage({ image, storageClass }, options));
}

test("a template that exists is looked up, by name or number", async () => {
  const { connection } = await startLab({
    templates: [{ vmid: 9000, name: "debian-13", diskBytes: 2048 * MiB }],
  });
  for (const proxmox of [{ templateName: "debian-13" }, { templateId: 9000 }])
    expect(await prepare(connection, Image.fromPartial({ name: "debian", proxmox }))).toMatchObject({
      image: {
        id: "9000",
        location: "template 9000 (debian-13) on node pve1",
        digest: "",
        sizeBytes: 2048 * MiB,
      },
      advice: [],
    });
  const missing = Image.fromPartial({ name: "x", proxmox: { templateName: "x" } });
  await expect(prepare(connection, missing)).rejects.toMatchObject({
    code: status.NOT_FOUND,
    reason: "IMAGE_UNKNOWN",
    message: expect.stringContaining("9000 debian-13"),
  });
  await expect(prepare(connection, Image.fromPartial({ name: "x" }))).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: "IMAGE_SOURCE_MISSING",
  });
});

describe.each(["8.4", "9.2"] as const)("on Proxmox VE %s", (version) => {
  test("a URL becomes a template once, whichever daemon is asked, and VMs are made from it at once", async () => {
    const { connection, another, holdings } = await startLab({ ...simulated, version });
    const first = await connection.prepareImage({ image: web, storageClass: "" });
    expect(first).toMatchObject({
      state: EnsureState.IN_PROGRESS,
      operation: { description: "download the image" },
      advice: [],
    });
    const next = (await another()).connection;
    const both = await Promise.all([prepare(connection, web), prepare(next, web)]);
    const [{ image }] = both;
    expect(image).toEqual({
      id: "100",
      location: expect.stringMatching(/^template 100 \(vrtg-image-\w+\) on node pve1$/),
      digest: `sha256:${checksum}`,
      sizeBytes: 2048 * MiB,
    });
    expect(both[1].image).toEqual(image);
    // One daemon sees the template while the other is still removing the file that it was made from.
    await eventually(() =>
      expect(holdings()).toEqual({
        vms: [expect.stringMatching(/^100 vrtg-image-/)],
        volumes: ["pve1 local-lvm:base-100-disk-0"],
      }),
    );
    expect(
      (await connection.listVMs({ pageSize: 0, pageToken: "", view: View.BASIC, includeUnowned: true })).vms,
    ).toEqual([]);
    const uid = randomUUID();
    expect(await create(connection, smallSpec({ image: web, disks: [] }), uid)).toMatchObject({ id: "101" });
    await remove(connection, uid);
  });
});

test("the last operation brings the image", async () => {
  const { connection } = await startLab(simulated);
  for (;;) {
    const { state, operation } = await connection.prepareImage({ image: web, storageClass: "" });
    expect(state).toBe(EnsureState.IN_PROGRESS);
    const ended = await done(connection, operation);
    if (operation?.description !== "make the image a template") continue;
    expect(ended).toMatchObject({
      state: OperationState.SUCCEEDED,
      result: { $case: "preparedImage", value: { id: "100", digest: `sha256:${checksum}` } },
    });
    return;
  }
});

test("without a checksum the download is advised against", async () => {
  const { connection } = await startLab(simulated);
  const { advice } = await prepare(connection, Image.fromPartial({ name: "debian", url: { url } }));
  expect(advice).toMatchObject([
    { feature: Feature.IMAGE_PREPARE, message: expect.stringContaining("checksum") },
  ]);
});

test.each<[string, PveOptions, Image, object]>([
  [
    "another checksum",
    { web: () => ({ sizeBytes: MiB, checksums: { sha256: "cd".repeat(32) } }) },
    web,
    { code: status.FAILED_PRECONDITION, reason: "IMAGE_CHECKSUM_MISMATCH" },
  ],
  [
    "nothing at the URL",
    { web: () => "404 Not Found" },
    web,
    { code: status.FAILED_PRECONDITION, reason: "IMAGE_DOWNLOAD_FAILED" },
  ],
  [
    "a file that Proxmox VE does not import",
    {},
    Image.fromPartial({ name: "x", url: { url: "https://images.example/x.img" } }),
    { code: status.FAILED_PRECONDITION, reason: "IMAGE_REFUSED" },
  ],
  [
    "a Proxmox VE that downloads no images",
    { version: "7.4" },
    web,
    { code: status.FAILED_PRECONDITION, reason: "HYPERVISOR_VERSION" },
  ],
  [
    "no storage for the file",
    { storages: [{ id: "local-lvm", type: "lvmthin" }] },
    web,
    { code: status.FAILED_PRECONDITION, reason: "IMAGE_STORAGE_MISSING" },
  ],
])("refused, with nothing left: %s", async (_, more, image, error) => {
  const { connection, holdings } = await startLab({ ...simulated, ...more });
  await expect(prepare(connection, image)).rejects.toMatchObject(error);
  expect(holdings()).toEqual({ vms: [], volumes: [] });
});

const faults: readonly Fault[] = [
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "statusAfter", status: 599, reason: "Too many redirections" },
];
const steps = ["/download-url", "/qemu", "/template"].flatMap((end) =>
  faults.map((fault) => [end, JSON.stringify(fault), end, fault] as const),
);

test.each(steps)("a fault at POST %s %s: one template, and nothing beside it", async (_, __, end, fault) => {
  let left = 1;
  const isAt = ({ method, path }: PveRequest) => method === "POST" && path.endsWith(end);
  const onRequest = (request: PveRequest) => (isAt(request) && left-- > 0 ? fault : undefined);
  const { connection, another, holdings } = await startLab({ ...simulated, taskMs: 20, onRequest });
  const daemons = [connection, (await another()).connection];
  let tries = 0;
  const { image } = await patiently(() => prepare(daemons[tries++ % 2] ?? connection, web));
  expect(image?.id).toBe("100");
  expect(holdings()).toEqual({
    vms: [expect.stringMatching(/^100 vrtg-image-/)],
    volumes: ["pve1 local-lvm:base-100-disk-0"],
  });
  expect(left).toBeLessThan(1);
});
