import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ensureDebianPackages, whyMissing } from "@virtrigaud/test-tools";
import { writeSeed } from "./write-seed.ts";

const run = promisify(execFile);

const sector = 2048;
/** One that fits a sector exactly, one of several sectors that ends within one, one with nothing in it. */
const files = {
  "meta-data": "m".repeat(sector),
  "user-data": `#cloud-config\n${"ü".repeat(700_000)}\n`,
  "network-config": "",
};

test("the same files give the same bytes, whatever their order on the way", () => {
  const seed = { "meta-data": "a", "user-data": "b" };
  expect(writeSeed(seed)).toEqual(writeSeed({ ...seed }));
  expect(writeSeed(seed)).toHaveLength(27 * sector);
});

test("volume descriptors", () => {
  const image = Buffer.from(writeSeed({ "meta-data": "a" }));
  const at = (index: number) => image.subarray(index * sector, (index + 1) * sector);
  expect([16, 17, 18].map((index) => at(index).subarray(0, 7).toString("latin1"))).toEqual([
    "\x01CD001\x01",
    "\x02CD001\x01",
    "\xffCD001\x01",
  ]);
  expect(image.subarray(0, 16 * sector).every((byte) => byte === 0)).toBe(true);
  expect(at(16).subarray(40, 72).toString("latin1")).toBe("cidata".padEnd(32));
  expect(at(17).subarray(40, 72).swap16().toString("utf16le")).toBe("cidata".padEnd(16));
  expect(at(17).subarray(88, 91).toString("latin1")).toBe("%/E");
  expect(image.readUInt32LE(16 * sector + 80) * sector).toBe(image.length);
});

test.each([
  ["the same name in the plain tree", { "a-b": "", a_b: "" }, "same name"],
  [
    "more files than a directory holds",
    Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, ""])),
    "too many files",
  ],
])("refuses %s", (_, some, words) => {
  expect(() => writeSeed(some as Record<string, string>)).toThrow(words);
});

const reason = await whyMissing(
  ensureDebianPackages(["genisoimage", "libarchive-tools", "util-linux"], console.info),
);

(reason === undefined ? describe : describe.skip)(`other programs read it ${reason ?? ""}`, () => {
  let folder: string;
  let iso: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "seed-"));
    iso = join(folder, "seed.iso");
    await writeFile(iso, writeSeed(files));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const output = async (command: string, ...args: string[]) =>
    (await run(command, args, { maxBuffer: 2 ** 24 })).stdout;

  test("both trees with isoinfo", async () => {
    const list = async (...flags: string[]) =>
      (await output("isoinfo", "-i", iso, "-f", ...flags)).trim().split("\n");
    expect(await list("-J")).toEqual(["/meta-data", "/network-config", "/user-data"]);
    expect(await list()).toEqual(["/META_DATA.;1", "/NETWORK_CONFIG.;1", "/USER_DATA.;1"]);
    for (const [name, text] of Object.entries(files)) {
      expect(await output("isoinfo", "-i", iso, "-J", "-x", `/${name}`)).toBe(text);
    }
    expect(await output("isoinfo", "-i", iso, "-d")).toMatch(/^Volume id: cidata$/m);
  });

  test("with libarchive", async () => {
    expect((await output("bsdtar", "-tf", iso)).trim().split("\n").sort()).toEqual([
      ".",
      ...Object.keys(files).sort(),
    ]);
    expect(await output("bsdtar", "-xOf", iso, "user-data")).toBe(files["user-data"]);
  });

  test("its label, by which the guest finds it", async () => {
    expect(await output("blkid", "-p", "-o", "value", "-s", "LABEL", iso)).toBe("cidata\n");
  });
});
