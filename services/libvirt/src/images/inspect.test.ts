import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HEAD_BYTES, inspect } from "./inspect.ts";
import { qcow2Header } from "./testing/images.ts";

const gib = 2 ** 30;

describe("qcow2", () => {
  test.each([
    ["version 3", {}, { format: "qcow2", sizeBytes: gib }],
    ["version 2", { version: 2 }, { format: "qcow2", sizeBytes: gib }],
    [
      "dirty, with zstd and extended L2 entries",
      { incompatible: 0b11001n },
      { format: "qcow2", sizeBytes: gib },
    ],
    ["extensions", { extensions: [[0x6803f857, 45] as const] }, { format: "qcow2", sizeBytes: gib }],
    [
      "a backing file",
      { backing: 0x200n },
      { refused: expect.stringContaining("backing file, which could be") },
    ],
    [
      "a backing file's name only",
      { backingLength: 9 },
      { refused: expect.stringContaining("backing file") },
    ],
    [
      "a backing file in version 2",
      { version: 2, backing: 0x200n },
      { refused: expect.stringContaining("backing file") },
    ],
    [
      "an external data file",
      { incompatible: 0b100n },
      { refused: expect.stringContaining("external data file") },
    ],
    [
      "the name of one",
      { extensions: [[0x6803f857, 45] as const, [0x44415441, 11] as const] },
      { refused: expect.stringContaining("names an external data file") },
    ],
    ["encryption", { crypt: 2 }, { refused: expect.stringContaining("encrypted") }],
    [
      "encryption by extension",
      { extensions: [[0x0537be77, 16] as const] },
      { refused: expect.stringContaining("encrypted") },
    ],
    ["corruption", { incompatible: 0b10n }, { refused: expect.stringContaining("qemu-img check") }],
    ["unknown features", { incompatible: 1n << 40n }, { refused: expect.stringContaining("0x10000000000") }],
    ["version 4", { version: 4 }, { refused: expect.stringContaining("version 4") }],
    ["version 1", { version: 1 }, { refused: expect.stringContaining("version 1") }],
    ["clusters of 2^60", { clusterBits: 60 }, { refused: expect.stringContaining("2^60") }],
    ["no size", { size: 0n }, { refused: expect.stringContaining("virtual size") }],
    ["an enormous size", { size: 2n ** 63n }, { refused: expect.stringContaining("virtual size") }],
    ["a header of no length", { headerLength: 0 }, { refused: expect.stringContaining("impossible length") }],
    [
      "a header that goes on for ever",
      { extensions: [[1, 2 ** 32 - 1] as const] },
      { refused: expect.stringContaining("does not come to an end") },
    ],
  ])("with %s", (_, fields, expected) => {
    expect(inspect(qcow2Header(fields), "")).toEqual(expected);
  });

  test("cut off", () => {
    expect(inspect(qcow2Header({}).subarray(0, 100), "")).toEqual({
      refused: expect.stringContaining("cut off"),
    });
  });
});

const disk = Buffer.alloc(1024);
disk.writeUInt16BE(0x55aa, 510);
const gpt = Buffer.alloc(1024);
gpt.write("EFI PART", 512);
const nothing = Buffer.alloc(1024);
const at = (offset: number, magic: string) => {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes.write(magic, offset, "latin1");
  return bytes;
};

test.each([
  ["a disk with a boot sector", disk, "", { format: "raw" }],
  ["a disk with a partition table", gpt, "", { format: "raw" }],
  ["a disk that is said to be one", nothing, "raw", { format: "raw" }],
  ["a disk that is said to be one, in capitals", nothing, "RAW", { format: "raw" }],
  ["qcow2 that is said to be it", qcow2Header({}), "qcow2", { format: "qcow2", sizeBytes: gib }],
  ["who knows what", nothing, "", { refused: expect.stringContaining("say format raw") }],
  ["a few words", Buffer.from("404"), "", { refused: expect.stringContaining("say format raw") }],
  ["nothing", Buffer.alloc(0), "raw", { refused: "it is empty" }],
  ["qcow2 in a raw disguise", qcow2Header({}), "raw", { refused: expect.stringContaining("and is qcow2") }],
  ["raw in a qcow2 disguise", disk, "qcow2", { refused: expect.stringContaining("and is not") }],
  ["what is said to be a VMDK", disk, "vmdk", { refused: expect.stringContaining("format vmdk") }],
  ["a VMDK", at(0, "KDMV"), "", { refused: expect.stringContaining("a VMDK; convert it") }],
  [
    "a VMDK's descriptor",
    at(0, "# Disk DescriptorFile"),
    "raw",
    { refused: expect.stringContaining("a VMDK") },
  ],
  ["a VHD", at(0, "conectix"), "", { refused: expect.stringContaining("a VHD;") }],
  ["a VHDX", at(0, "vhdxfile"), "", { refused: expect.stringContaining("a VHDX") }],
  ["a VDI", at(64, "\x7f\x10\xda\xbe"), "", { refused: expect.stringContaining("a VDI") }],
  ["an ISO", at(0x8001, "CD001"), "", { refused: expect.stringContaining("an ISO image") }],
  ["an OVA", at(257, "ustar"), "", { refused: expect.stringContaining("an OVA") }],
  ["gzip", at(0, "\x1f\x8b"), "", { refused: expect.stringContaining("gzip; decompress it") }],
  ["xz", at(0, "\xfd7zXZ\0"), "", { refused: expect.stringContaining("xz; decompress it") }],
  ["LUKS", at(0, "LUKS\xba\xbe"), "", { refused: expect.stringContaining("LUKS") }],
  ["a login page", Buffer.from("\n<!DOCTYPE html>"), "raw", { refused: expect.stringContaining("web page") }],
])("%s", (_, head, declared, expected) => {
  expect(inspect(head, declared)).toEqual(expected);
});

test("whatever the bytes are, it decides, and accepts no qcow2 that opens another file", () => {
  const damage = fc.array(fc.tuple(fc.nat(199), fc.nat(255)), { maxLength: 6 });
  const hostile = fc.record({
    qcow2: fc.boolean(),
    damage,
    length: fc.oneof(fc.nat(200), fc.constant(HEAD_BYTES)),
    declared: fc.constantFrom("", "raw", "qcow2"),
  });
  let accepted = 0;
  fc.assert(
    fc.property(hostile, ({ qcow2, damage: changes, length, declared }) => {
      const head = (qcow2 ? qcow2Header({}) : Buffer.alloc(HEAD_BYTES)).subarray(0, length);
      for (const [offset, byte] of changes) if (offset < length) head[offset] = byte;
      const found = inspect(head, declared);
      if ("refused" in found) return found.refused !== "";
      if (found.format === "raw") return head.subarray(0, 4).toString("latin1") !== "QFI\xfb";
      accepted += 1;
      const opensData = head.readUInt32BE(4) === 3 && (head.readBigUInt64BE(72) & 4n) !== 0n;
      return head.readBigUInt64BE(8) === 0n && head.readUInt32BE(16) === 0 && !opensData;
    }),
    { numRuns: 5000 },
  );
  expect(accepted).toBeGreaterThan(100);
});
