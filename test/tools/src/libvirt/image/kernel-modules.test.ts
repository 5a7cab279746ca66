import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { modulesInOrder } from "./kernel-modules.ts";

let tree: string;
beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), "modules-"));
  const depends = { "kvm-amd": "kvm", kvm: "irqbypass", irqbypass: "", virtio_net: "virtio,net-failover" };
  const more = { virtio: "virtio_ring", virtio_ring: "", net_failover: "", broken: "nowhere" };
  for (const [name, list] of Object.entries({ ...depends, ...more })) {
    await mkdir(join(tree, "kernel", name), { recursive: true });
    await writeFile(
      join(tree, "kernel", name, `${name}.ko`),
      `\x7fELF\0license=GPL\0depends=${list}\0name=${name}\0`,
    );
  }
});
afterAll(() => rm(tree, { recursive: true }));

test.each([
  [["kvm-amd"], ["irqbypass", "kvm", "kvm_amd"]],
  [
    ["kvm_amd", "kvm"],
    ["irqbypass", "kvm", "kvm_amd"],
  ],
  [
    ["virtio_net", "virtio"],
    ["virtio_ring", "virtio", "net_failover", "virtio_net"],
  ],
  [[], []],
])("%j are loaded as %j", async (wanted, expected) => {
  expect((await modulesInOrder(tree, wanted)).map(({ name }) => name)).toEqual(expected);
});

test("keeps the path of a file whose name is written otherwise", async () => {
  expect((await modulesInOrder(tree, ["kvm_amd"])).at(-1)?.path).toBe(
    join(tree, "kernel/kvm-amd/kvm-amd.ko"),
  );
});

test.each(["nothing", "broken"])("%s that cannot be completed is refused", async (name) => {
  await expect(modulesInOrder(tree, [name])).rejects.toThrow(
    /there is no kernel module no(thing|where) under/,
  );
});
