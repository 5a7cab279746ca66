import { expect, test } from "@jest/globals";
import { callerOf, parseSans } from "./caller.ts";

test.each([
  ["", []],
  ["DNS:a.example", ["a.example"]],
  ["DNS:a.example, URI:spiffe://x/y, IP Address:192.0.2.1", ["a.example", "spiffe://x/y", "192.0.2.1"]],
  ['URI:"http://a/, DNS:forged.example", DNS:b', ["http://a/, DNS:forged.example", "b"]],
  ['DNS:"a\\"b", email:x@y', ['a"b', "x@y"]],
])("the names in %j", (text, values) => {
  expect(parseSans(text).map(({ value }) => value)).toEqual(values);
});

const call = (subjectaltname: string | undefined, CN?: string) => ({
  getAuthContext: () => ({ sslPeerCertificate: { subjectaltname, subject: { CN } } as never }),
  getPeer: () => "192.0.2.7:5123",
});

test.each([
  ["a URI name first", call("DNS:a, URI:spiffe://x", "c"), "spiffe://x"],
  ["then a DNS name", call("email:e@x, DNS:a", "c"), "a"],
  ["then the common name", call(undefined, "c"), "c"],
  ["then the address without port", call(undefined), "192.0.2.7"],
  ["without certificate the address", { getAuthContext: () => ({}), getPeer: () => "[::1]:99" }, "[::1]"],
])("a caller is known by %s", (_what, from, identity) => {
  expect(callerOf(from).identity).toBe(identity);
});
