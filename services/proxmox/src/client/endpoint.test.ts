import { describe, expect, test } from "@jest/globals";
import { parseEndpoint } from "./endpoint.ts";
import { Pve } from "./pve.ts";
import type { ServerTrust } from "./tls.ts";

const ca: ServerTrust = { mode: "ca" };

describe("an endpoint", () => {
  test.each([
    ["https://pve.example.com", "https://pve.example.com:8006"],
    ["https://pve.example.com/", "https://pve.example.com:8006"],
    ["https://pve.example.com:443", "https://pve.example.com:443"],
    ["https://pve.example.com:18006/api2/json", "https://pve.example.com:18006"],
    ["http://127.0.0.1:80", "http://127.0.0.1:80"],
    ["https://[2001:db8::1]", "https://[2001:db8::1]:8006"],
    ["https://[2001:db8::1]:443/", "https://[2001:db8::1]:443"],
  ])("%s is %s", (endpoint, origin) => {
    expect(parseEndpoint(endpoint)).toBe(origin);
  });
});

describe("what makes no sense is refused at once", () => {
  test.each<[string, string, ServerTrust, RegExp]>([
    ["a short pin", "https://h", { mode: "fingerprint", sha256: "AA:BB" }, /64 hex digits/],
    ["a bundle that is none", "https://h", { mode: "ca", caBundle: "secret?" }, /^caFile holds no readable/],
    ["http", "http://h", ca, /plain http .*insecure/],
    ["another scheme", "ftp://h", { mode: "insecure" }, /must be an https URL, not ftp:/],
    ["credentials in the URL", "https://u:p@h", ca, /must not hold credentials/],
  ])("%s", (_, endpoint, trust, message) => {
    const credentials = () => Promise.reject(new Error("nobody asks"));
    expect(() => new Pve({ endpoint, trust, credentials })).toThrow(message);
  });
});
