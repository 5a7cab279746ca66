import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { VMSpec } from "@virtrigaud/proto";
import { fingerprint } from "./fingerprint.ts";

test("is SHA-256 over sorted keys with 64-bit integers as strings and without cloud_init", () => {
  const spec = VMSpec.fromPartial({
    name: "a",
    cpus: 2,
    memoryBytes: 2 ** 30,
    disks: [{ name: "root", sizeBytes: 2 ** 20 }],
    networkInterfaces: [{ name: "lan", mtuBytes: 1500 }],
    cloudInit: { userData: "secret" },
  });
  const canonical =
    '{"cpus":2,"disks":[{"name":"root","sizeBytes":"1048576"}],"memoryBytes":"1073741824","name":"a",' +
    '"networkInterfaces":[{"mtuBytes":1500,"name":"lan"}]}';
  expect(fingerprint(spec)).toBe(createHash("sha256").update(canonical).digest("hex"));
});
