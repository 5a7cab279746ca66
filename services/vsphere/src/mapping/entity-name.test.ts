import { expect, test } from "@jest/globals";
import { decodeName, encodeName } from "./entity-name.ts";

test.each([
  ["web-1", "web-1"],
  ["100%", "100%25"],
  ["a/b\\c", "a%2fb%5cc"],
  ["%2f", "%252f"],
  ["äöü", "äöü"],
])("%s is %s to vCenter, and back", (name, encoded) => {
  expect(encodeName(name)).toBe(encoded);
  expect(decodeName(encoded)).toBe(name);
});

test.each<[unknown, string]>([
  ["A%2FB", "A/B"],
  ["50%", "50%"],
  [undefined, ""],
])("%s that was read is %s", (read, name) => {
  expect(decodeName(read)).toBe(name);
});
