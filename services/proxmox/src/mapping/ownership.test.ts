import { describe, expect, test } from "@jest/globals";
import { Tristate, VMSpec } from "@virtrigaud/proto";
import { type Marker, readMarker, requestedSpec, stampMarker, uidOfRow } from "./ownership.ts";
import { readProof } from "./verification.ts";

const uid = "3f2a1c9e-8d4b-4e6f-9a01-23456789abcd";
const spec = VMSpec.fromPartial({
  name: "web <1> ü",
  cpus: 2,
  tags: ["Lab"],
  extraConfig: { "10": "a", "9": "b" },
});
const marker: Marker = {
  uid,
  specFingerprint: "f".repeat(64),
  controllerId: "lab -->",
  canonicalSpec: `{"cpus":2,"extraConfig":{"10":"a","9":"b"},"name":"web <1> ü","tags":["Lab"]}`,
  vmid: 100,
};
const proof = {
  verdict: Tristate.TRUE,
  reason: "VERIFIED",
  message: "an inner VM ran",
  evidence: ["/dev/kvm: character device 10,232"],
  verifiedAt: new Date("2025-01-02T03:04:05.000Z"),
};

test("a stamp, as Proxmox VE stores it", () => {
  expect(stampMarker(marker, ["Lab", "vrtg-someone-else"], { description: "mine\n" }, proof)).toEqual({
    description: [
      "mine",
      "",
      `<!-- virtrigaud.io/owner {"uid":"${uid}","fingerprint":"${"f".repeat(64)}","controller":"lab --\\u003e","vmid":100} -->`,
      '<!-- virtrigaud.io/spec {"cpus":2,"extraConfig":{"10":"a","9":"b"},"name":"web \\u003c1\\u003e \\u00fc","tags":["Lab"]} -->',
      `<!-- virtrigaud.io/proof {"fingerprint":"${"f".repeat(64)}","verdict":"TRISTATE_TRUE","reason":"VERIFIED","message":"an inner VM ran","evidence":["/dev/kvm: character device 10,232"],"verifiedAt":"2025-01-02T03:04:05.000Z"} -->`,
    ].join("\n"),
    tags: `lab;vrtg-${uid}`,
  });
});

describe("a stamp is read", () => {
  const stamped = stampMarker(marker, ["lab"], {}, proof);

  test("by the VM that it was made for", () => {
    expect(readMarker(stamped, 100)).toEqual(marker);
    expect(requestedSpec(readMarker(stamped, 100))).toEqual(spec);
    expect(uidOfRow(stamped)).toBe(uid);
  });

  test("not by a copy of that VM, which has another number", () => {
    expect(readMarker(stamped, 101)).toBeUndefined();
  });

  test("with its proof, as long as the spec is the same", () => {
    expect(readProof(stamped.description, marker.specFingerprint)).toEqual(proof);
    expect(readProof(stamped.description, "e".repeat(64))).toBeUndefined();
    const again = stampMarker(marker, [], stamped);
    expect(readProof(again.description, marker.specFingerprint)).toEqual(proof);
    const other = stampMarker({ ...marker, specFingerprint: "e".repeat(64) }, [], stamped);
    expect(other.description).not.toContain("proof");
  });

  test("again after another stamp, with people's notes in place", () => {
    const again = stampMarker({ ...marker, canonicalSpec: "" }, [], {
      description: `mine\n${stamped.description}`,
    });
    expect(again.description.split("\n")).toHaveLength(4);
    expect(again.description).toMatch(/^mine\n\n<!-- virtrigaud.io\/owner .*\n<!-- virtrigaud.io\/proof .*$/);
    expect(readMarker(again, 100)).toEqual({ ...marker, canonicalSpec: "" });
  });
});

test("evidence of a proof is kept as far as there is room", () => {
  const evidence = ["a".repeat(600), "b".repeat(600), "c"];
  const { description } = stampMarker(marker, [], {}, { ...proof, evidence });
  expect(readProof(description, marker.specFingerprint)?.evidence).toEqual([evidence[0]]);
});

test.each([
  ["no description", undefined],
  ["notes alone", "mine"],
  ["no JSON", "<!-- virtrigaud.io/owner {uid} -->"],
  ["no object", "<!-- virtrigaud.io/owner [1] -->"],
  ["null", "<!-- virtrigaud.io/owner null -->"],
  ["no uid", '<!-- virtrigaud.io/owner {"vmid":100} -->'],
  ["a uid that is no text", '<!-- virtrigaud.io/owner {"uid":1,"vmid":100} -->'],
  ["no number", `<!-- virtrigaud.io/owner {"uid":"${uid}"} -->`],
])("%s: nobody's", (_, description) => {
  expect(readMarker(description === undefined ? {} : { description }, 100)).toBeUndefined();
});

test.each([
  ["broken", "{"],
  ["of another kind", '"x"'],
  ["with a field of another type", '{"disks":[null]}'],
])("a spec that is %s is none, and hides nothing else", (_, canonicalSpec) => {
  const stamped = stampMarker({ ...marker, canonicalSpec }, []);
  expect(readMarker(stamped, 100)?.uid).toBe(uid);
  expect(requestedSpec(readMarker(stamped, 100))).toBeUndefined();
});

test.each([
  [undefined, undefined],
  ["", undefined],
  ["web;prod", undefined],
  [`a;vrtg-${uid}`, uid],
])("tags %s in a listing", (tags, found) => {
  expect(uidOfRow(tags === undefined ? {} : { tags })).toBe(found);
});
