import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fromAsciiJson, toAsciiJson } from "./ascii-json.ts";
import { decodeDescription, type Description, encodeDescription, longestDescription } from "./description.ts";

test.each<[string, Description, string]>([
  ["nothing", { notes: "" }, ""],
  ["notes of people", { notes: "# Web\n\n*mine*, 100 % : = ; ü" }, "# Web\n\n*mine*, 100 % : = ; ü"],
  ["ours alone", { notes: "", owner: '{"uid":"u"}' }, '<!-- virtrigaud.io/owner {"uid":"u"} -->'],
  [
    "both",
    { notes: "mine\n<!-- hidden -->", owner: '{"a":1}', spec: '{"name":"x"}', proof: '{"verdict":"v"}' },
    [
      "mine",
      "<!-- hidden -->",
      "",
      '<!-- virtrigaud.io/owner {"a":1} -->',
      '<!-- virtrigaud.io/spec {"name":"x"} -->',
      '<!-- virtrigaud.io/proof {"verdict":"v"} -->',
    ].join("\n"),
  ],
  [
    "what would end the comment, be decoded or re-coded",
    { notes: "", spec: '{"name":"--> %41 ü😀 \\u0001 \\ud800"}' },
    '<!-- virtrigaud.io/spec {"name":"--\\u003e \\u002541 \\u00fc\\ud83d\\ude00 \\u0001 \\ud800"} -->',
  ],
])("%s", (_, description, written) => {
  expect(encodeDescription(description)).toBe(written);
  expect(decodeDescription(written)).toEqual(description);
});

describe("what people do to it", () => {
  const owner = '<!-- virtrigaud.io/owner {"uid":"u"} -->';

  test.each<[string, string, Description]>([
    ["notes below", `${owner}\nmore`, { notes: "\nmore", owner: '{"uid":"u"}' }],
    ["line ends of Windows", `mine\r\n${owner}\r\n`, { notes: "mine", owner: '{"uid":"u"}' }],
    [
      "pasted twice",
      `${owner}\n<!-- virtrigaud.io/owner {"uid":"v"} -->`,
      { notes: "", owner: '{"uid":"v"}' },
    ],
    ["inside a line", `see ${owner}`, { notes: `see ${owner}` }],
    ["another's kind", "<!-- virtrigaud.io/other {} -->", { notes: "<!-- virtrigaud.io/other {} -->" }],
  ])("%s", (_, written, description) => {
    expect(decodeDescription(written)).toEqual(description);
  });

  test("notes cannot bring a marker along", () => {
    expect(encodeDescription({ notes: `a\n${owner}\nb`, owner: '{"uid":"me"}' })).toBe(
      'a\n\nb\n\n<!-- virtrigaud.io/owner {"uid":"me"} -->',
    );
  });
});

test("too long is refused before Proxmox VE does", () => {
  const rest = encodeDescription({ notes: "", owner: "{}" }).length + 2;
  const notes = "ü".repeat(longestDescription - rest);
  expect(encodeDescription({ notes, owner: "{}" })).toHaveLength(longestDescription);
  expect(() => encodeDescription({ notes: `${notes}x`, owner: "{}" })).toThrow(
    'description: "8193 characters" must be at most 8192 with what VirtRigaud stores there; shorten the VM\'s notes, or ask for fewer disks and interfaces',
  );
});

test("any JSON and any notes come back", () => {
  const notes = fc.string({ unit: "grapheme" }).map((text) => text.trimEnd());
  fc.assert(
    fc.property(notes, fc.object(), fc.string({ unit: "binary" }), (text, value, name) => {
      fc.pre(!text.includes("<!--"));
      const spec = JSON.stringify({ value, name });
      const written = encodeDescription({ notes: text, spec });
      expect(written.slice(text.length)).toMatch(/^[\n\x20-\x24\x26-\x7e]*$/);
      expect(decodeDescription(written)).toEqual({ notes: text, spec });
      expect(JSON.parse(toAsciiJson(spec))).toEqual(JSON.parse(spec));
      expect(fromAsciiJson(toAsciiJson(spec))).toBe(spec);
    }),
  );
});
