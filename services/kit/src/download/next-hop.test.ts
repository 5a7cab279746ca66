import { expect, test } from "@jest/globals";
import { nextHop } from "./next-hop.ts";

test.each([
  ["http://h/a/b", "c", false, "http://h/a/c"],
  ["http://h/a", "https://other/b", false, "https://other/b"],
  ["https://h/a", "https://other/b", false, "https://other/b"],
  ["https://h/a", "http://other/b", true, "http://other/b"],
  ["http://u:p@h/a", "/b", false, "http://u:p@h/b"],
  ["http://u:p@h/a", "http://h/b", false, "http://u:p@h/b"],
  ["http://u:p@h/a", "http://x:y@h/b", false, "http://x:y@h/b"],
  ["http://u:p@h/a", "http://h:81/b", false, "http://h:81/b"],
  ["http://u:p@h/a", "//other/b", false, "http://other/b"],
])("%s to %s (downgrade %j) leads to %s", (from, location, mayDowngrade, expected) => {
  expect(nextHop(new URL(from), location, mayDowngrade).href).toBe(expected);
});

test.each([
  ["https://h/a?secret", "http://other/b?secret", "https://h/a: it was redirected to http://other/b, which"],
  ["http://h/a", "file:///etc/passwd", "no http or https URL"],
  ["http://h/a", "http://", "no http or https URL"],
])("%s to %s is refused", (from, location, words) => {
  const hop = () => nextHop(new URL(from), location, false);
  expect(hop).toThrow(expect.objectContaining({ reason: "IMAGE_REFUSED" }));
  expect(hop).toThrow(words);
});
