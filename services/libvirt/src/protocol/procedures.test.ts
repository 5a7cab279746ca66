import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Codec, decode, encode } from "../xdr/codec.ts";
import { XdrError } from "../xdr/xdr-error.ts";
import { eventKinds } from "./events.ts";
import type { Procedure } from "./procedure.ts";
import { procedures } from "./procedures.ts";
import { sessionProcedures } from "./procedures/connection.ts";
import { streamProcedures } from "./procedures/storage.ts";
import { byName, typedParam } from "./typed-params.ts";
import { failure, flags, needResults, uuid } from "./types.ts";

const all: [string, Procedure][] = Object.entries({
  ...procedures,
  ...sessionProcedures,
  ...streamProcedures,
}) as never;

const decoders: [string, Codec<unknown>][] = [
  ...all.flatMap(([name, { args, returns }]): [string, Codec<unknown>][] => [
    [`${name} arguments`, args],
    [`${name} answer`, returns],
  ]),
  ...Object.entries(eventKinds).map(([kind, { message }]): [string, Codec<unknown>] => [
    `${kind} event`,
    message,
  ]),
  ["failure", failure],
];

test("no two procedures share a number", () => {
  const numbers = all.map(([, { program, number }]) => `${program}/${number}`);
  expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([]);
});

describe.each(decoders)("%s", (_, codec) => {
  test("any bytes give a value or XdrError", () => {
    // Small words, large words and zeros: counts that fit, lengths that do not, and everything absent.
    const word = fc.oneof(fc.constantFrom(0, 1, 2, 7, 0x7fffffff, 0xffffffff), fc.nat(0xffffffff));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 64 }), fc.nat(3), (words, cut) => {
        const bytes = Buffer.alloc(words.length * 4);
        for (const [i, value] of words.entries()) bytes.writeUInt32BE(value, i * 4);
        expectValueOrError(codec, bytes.subarray(0, Math.max(0, bytes.length - cut)));
      }),
    );
  });

  test("a hostile number anywhere in a good one gives a value or XdrError", () => {
    const good = smallest(codec);
    expect(encode(codec, decode(codec, good) as never)).toEqual(good);
    for (let at = 0; at + 4 <= good.length; at += 4) {
      for (const hostile of [1, 0x10000, 0x400000, 0x7fffffff, 0xffffffff]) {
        const bytes = Buffer.from(good);
        bytes.writeUInt32BE(hostile, at);
        expectValueOrError(codec, bytes);
        expectValueOrError(codec, bytes.subarray(0, at + 2));
      }
    }
  });
});

/** All zeros: empty texts and lists, absent pointers. Typed values have no kind 0. */
function smallest(codec: Codec<unknown>): Buffer {
  const bytes = Buffer.alloc(codec.minBytes);
  // needResults is always sent as 1.
  return encode(codec, decode(codec, bytes) as never);
}

function expectValueOrError(codec: Codec<unknown>, bytes: Buffer): void {
  try {
    decode(codec, bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(XdrError);
  }
}

test("lanes depend on what is asked", () => {
  const { domainInterfaceAddresses, domainShutdownFlags, domainGetState, domainSetVcpusFlags } = procedures;
  const domain = { name: "a", uuid: "00000000-0000-0000-0000-000000000001", id: 1 };
  expect({
    state: domainGetState.lane({ domain }),
    leases: domainInterfaceAddresses.lane({ domain, source: 0 }),
    byAgent: domainInterfaceAddresses.lane({ domain, source: 1 }),
    button: domainShutdownFlags.lane({ domain, flags: 1 }),
    shutdownByAgent: domainShutdownFlags.lane({ domain, flags: 2 }),
    vcpus: domainSetVcpusFlags.lane({ domain, vcpus: 2, flags: 1 }),
    vcpusByAgent: domainSetVcpusFlags.lane({ domain, vcpus: 2, flags: 8 }),
  }).toEqual({
    state: "quick",
    leases: "control",
    byAgent: "agent",
    button: "control",
    shutdownByAgent: "agent",
    vcpus: "long",
    vcpusByAgent: "agent",
  });
});

test.each([
  ["uuid", uuid, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b8109dad11d180b400c04fd430c8"],
  ["flags left out", flags, undefined, "00000000"],
  ["flags", flags, 6, "00000006"],
  ["needResults", needResults, undefined, "00000001"],
] as [string, Codec<unknown>, unknown, string][])("%s on the wire", (_, codec, value, hex) => {
  expect(encode(codec, value).toString("hex")).toBe(hex);
});

test("what is not a UUID is refused", () => {
  expect(() => encode(uuid, "6ba7b810")).toThrow('"6ba7b810" is not a UUID');
});

test("node models are C strings of 32 chars, four bytes each", () => {
  const { returns } = procedures.nodeGetInfo;
  const info = { model: "x86_64", memory: 1n, cpus: 2, mhz: 3, nodes: 1, sockets: 1, cores: 2, threads: 1 };
  const bytes = encode(returns, info);
  expect(bytes.length).toBe(32 * 4 + 8 + 6 * 4);
  expect(decode(returns, bytes)).toEqual(info);
});

test("typed parameters by name", () => {
  const params = [
    { field: "state.state", value: { type: 1, value: 5 } },
    { field: "cpu.time", value: { type: 4, value: 12n } },
    { field: "vcpu.0.halted", value: { type: 6, value: true } },
    { field: "block.0.name", value: { type: 7, value: "vda" } },
  ] as const;
  const sent = params.map((param) => decode(typedParam, encode(typedParam, param)));
  expect(byName(sent)).toEqual(
    new Map<string, unknown>([
      ["state.state", 5],
      ["cpu.time", 12n],
      ["vcpu.0.halted", true],
      ["block.0.name", "vda"],
    ]),
  );
});
