import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { procedures } from "../protocol/procedures.ts";
import { struct } from "../xdr/composites.ts";
import { int } from "../xdr/numbers.ts";
import { LibvirtProtocolError } from "./errors.ts";
import { encodeFrame, encodeStreamHead, type Frame, FrameReader, type Header } from "./frame.ts";

const head: Header = {
  program: 0x20008086,
  version: 1,
  procedure: 212,
  type: "call",
  serial: 5,
  status: "ok",
};
const HEAD = "2000808600000001000000d4000000000000000500000000";
const domain = { name: "vm1", uuid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", id: -1 };

test("a call as libvirt's own tools send it", () => {
  const bytes = encodeFrame(head, procedures.domainGetState.args, { domain });
  expect(bytes.toString("hex")).toBe(
    `0000003c${HEAD}00000003766d31006ba7b8109dad11d180b400c04fd430c8ffffffff00000000`,
  );
});

test("the beginning of stream data", () => {
  const bytes = encodeStreamHead({ ...head, type: "stream", status: "continue" }, 3);
  expect(bytes.toString("hex")).toBe("0000001f2000808600000001000000d4000000030000000500000002");
});

const messages = [1, 2, 3].map((value) =>
  encodeFrame({ ...head, serial: value }, struct({ value: int }), { value }),
);

function read(chunks: readonly Buffer[]): Frame[] {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => reader.push(chunk));
}

test("it does not matter where the network cuts the bytes", () => {
  const bytes = Buffer.concat(messages);
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (at) => {
      const edges = [0, ...at.toSorted((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
      expect(read(chunks).map(({ header, payload }) => [header.serial, payload.toString("hex")])).toEqual([
        [1, "00000001"],
        [2, "00000002"],
        [3, "00000003"],
      ]);
    }),
  );
});

describe("what is not libvirt's protocol", () => {
  test.each([
    ["a shell's greeting", Buffer.from("Welcome to host1\n"), /it begins with "Welcome to host1\\n"/],
    ["a length beyond libvirt's limit", Buffer.from("02000005", "hex"), /not libvirt's protocol/],
    ["a length shorter than a header", Buffer.from("0000001b", "hex"), /not libvirt's protocol/],
    [
      "a type that is none",
      Buffer.from(`0000001c${HEAD.slice(0, 24)}00000009${HEAD.slice(32)}`, "hex"),
      /type: 9/,
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => read([bytes])).toThrow(LibvirtProtocolError);
    expect(() => read([bytes])).toThrow(message);
  });

  test("any bytes give frames or LibvirtProtocolError", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        try {
          read(chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          expect(error).toBeInstanceOf(LibvirtProtocolError);
        }
      }),
    );
  });

  test("a length announced and not sent makes it hold what came, no more", () => {
    const reader = new FrameReader();
    const before = process.memoryUsage();
    expect(reader.push(Buffer.from("02000000", "hex"))).toEqual([]);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 20);
  });
});
