import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeHotplug, encodeHotplug, type HotplugFeature } from "./hotplug.ts";
import { LanguageError } from "./language-error.ts";
import { decodeMemory, encodeMemory } from "./memory.ts";
import { size } from "./size.ts";
import { decodeTags, encodeTags, isTag } from "./tags.ts";

const gib = 2 ** 30;

describe("size", () => {
  test.each<[string, number | undefined, string?]>([
    ["32G", 32 * gib],
    ["528K", 540_672],
    ["4M", 4_194_304],
    ["1T", 2 ** 40],
    ["1537M", 1537 * 2 ** 20],
    ["1025", 1025],
    ["0", 0],
    ["1024G", 2 ** 40, "1T"],
    ["1.5G", 1.5 * gib, "1536M"],
    ["8GiB", 8 * gib, "8G"],
    ["", undefined],
    ["G", undefined],
    ["1 G", undefined],
    ["-1G", undefined],
    ["1P", undefined],
  ])("%j", (text, bytes, written = text) => {
    expect(size.decode(text)).toBe(bytes);
    if (bytes !== undefined) expect(size.encode(bytes)).toBe(written);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 60])("%d bytes are refused", (bytes) => {
    expect(size.encode(bytes)).toBeUndefined();
  });

  test("every number of bytes comes back", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 2 ** 10, 2 ** 20), (amount, unit) => {
        expect(size.decode(size.encode(amount * unit) ?? "")).toBe(amount * unit);
      }),
    );
  });
});

describe("memory", () => {
  test.each<[string | undefined, number]>([
    ["16384", 16 * gib],
    ["current=2048", 2 * gib],
    [undefined, gib / 2],
  ])("%s", (text, bytes) => {
    expect(decodeMemory(text)).toBe(bytes);
  });

  test("is written in MiB", () => {
    expect(encodeMemory(16 * gib)).toBe("16384");
    expect(() => encodeMemory(1000)).toThrow("memory: 1000 must be whole MiB");
    expect(() => encodeMemory(0)).toThrow("memory.current: 0 must be an integer from 16");
  });
});

describe("hotplug", () => {
  test.each<[string | undefined, HotplugFeature[], string?]>([
    [
      "disk,network,usb,cpu,memory",
      ["network", "disk", "usb", "cpu", "memory"],
      "network,disk,usb,cpu,memory",
    ],
    ["network", ["network"]],
    ["0", []],
    ["1", ["network", "disk", "usb"], "network,disk,usb"],
    [undefined, ["network", "disk", "usb"], "network,disk,usb"],
  ])("%s", (text, features, written = text ?? "") => {
    expect([...decodeHotplug(text)]).toEqual(features);
    expect(encodeHotplug(new Set(features))).toBe(written);
  });
});

describe("tags", () => {
  test.each<[string[], string]>([
    [[], ""],
    [["b", "a", "b"], "a;b"],
    [["Prod", "prod", "v1.2+x_y-z", "_1"], "_1;prod;v1.2+x_y-z"],
  ])("%j", (tags, written) => {
    expect(encodeTags(tags)).toBe(written);
    expect(decodeTags(written)).toEqual([...new Set(tags.map((tag) => tag.toLowerCase()))].sort());
  });

  test("any of Proxmox VE's separators is read", () => {
    expect(decodeTags("a, b;c\td")).toEqual(["a", "b", "c", "d"]);
  });

  test.each([
    "",
    " ",
    "a b",
    "a;b",
    "a,b",
    "-a",
    "+a",
    ".a",
    "ü",
    "a\nb",
    "a\0",
    "a=b",
    "team/web",
    "\u212a",
  ])("%j is refused", (tag) => {
    expect(isTag(tag)).toBe(false);
    expect(() => encodeTags(["ok", tag])).toThrow(LanguageError);
    expect(() => encodeTags(["ok", tag])).toThrow(/^tags: .* must be letters, digits/);
  });
});
