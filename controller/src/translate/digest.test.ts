import { expect, test } from "@jest/globals";
import { VMSpec } from "@virtrigaud/proto";
import { specDigest } from "./digest.ts";

const spec = VMSpec.create({ name: "web", cpus: 2, extraConfig: { a: "1", b: "2" } });

test("the digest follows what the VM is made of, in whatever order it is written, and not the first boot", () => {
  const same = VMSpec.create({
    ...spec,
    extraConfig: { b: "2", a: "1" },
    cloudInit: { userData: "secret", metaData: {} },
  });
  expect(specDigest(same)).toBe(specDigest(spec));
  expect(specDigest({ ...spec, cpus: 4 })).not.toBe(specDigest(spec));
  expect(specDigest({ ...spec, cpuHotAdd: false })).not.toBe(specDigest(spec));
});
