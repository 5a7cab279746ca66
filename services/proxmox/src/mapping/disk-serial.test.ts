import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { diskSerial } from "./disk-serial.ts";
import { decodeDrive, encodeDrive } from "./language/drive.ts";

test.each([
  ["root", "root"],
  ["data-2_b.c", "data-2_b.c"],
  ["exactly-twenty-chars", "exactly-twenty-chars"],
  ["exactly-twenty-chars1", "vrtg-f299b106"],
  ["a b", "vrtg-10a3f9f2"],
  ["-a", "vrtg-64cd881b"],
  ["ü", "vrtg-119dd44a"],
])("%s: %s", (name, serial) => {
  expect(diskSerial(name)).toBe(serial);
});

test("any name has a serial that a drive can hold", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      const serial = diskSerial(name);
      expect(decodeDrive(encodeDrive({ volume: "none", serial })).serial).toBe(serial);
    }),
  );
});
