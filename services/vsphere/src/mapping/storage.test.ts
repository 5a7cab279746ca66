import { describe, expect, test } from "@jest/globals";
import type { VMSpec } from "@virtrigaud/proto";
import { host, inventory } from "../testing/sample-inventory.ts";
import { type Part, spec } from "../testing/sample-vm.ts";
import type { Inventory } from "./inventory.ts";
import { Problems } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { chooseStorage } from "./storage.ts";

const disk = (storageClass: string, name = "root") => ({ name, storageClass });
const storageClasses: Settings["storageClasses"] = {
  gold: { datastore: "fast-ssd" },
  replicated: { policy: "aa6d5a82" },
  both: { datastore: "fast-ssd", policy: "aa6d5a82" },
  broken: { datastore: "gone" },
};

function choose(
  asked: Part<VMSpec>,
  more: Partial<Inventory> = {},
  defaults: Settings["defaults"] = {},
  onFirst = false,
) {
  const problems = new Problems();
  const found = inventory(more);
  const [datacenter] = found.datacenters;
  if (datacenter === undefined) throw new Error("no datacenter");
  const folder = { existing: datacenter.vmFolder, missing: [] };
  const placement = {
    datacenter,
    folder,
    pool: "",
    candidates: onFirst ? found.hosts.slice(0, 1) : found.hosts,
  };
  const storage = chooseStorage(spec(asked), placement, found, { defaults, storageClasses }, problems);
  return {
    home: storage?.home.name,
    disks: [...(storage?.disks ?? [])].map(([name, { datastore, policy }]) =>
      [name, datastore.name, policy].filter((part) => part !== undefined).join(" "),
    ),
    violations: problems.violations,
  };
}

test.each<[string, Part<VMSpec>, Settings["defaults"], string, string[]]>([
  ["no class: the one with the most free space", { disks: [disk("")] }, {}, "bulk", ["root bulk"]],
  ["no disks", {}, {}, "bulk", []],
  ["the operator's default", { disks: [disk("")] }, { datastore: "fast-ssd" }, "fast-ssd", ["root fast-ssd"]],
  [
    "the spec's own",
    { disks: [disk("")], placement: { datastore: "bulk" } },
    { datastore: "fast-ssd" },
    "bulk",
    ["root bulk"],
  ],
  ["a mapped class", { disks: [disk("gold")] }, {}, "fast-ssd", ["root fast-ssd"]],
  ["a class by the datastore's name", { disks: [disk("fast-ssd")] }, {}, "fast-ssd", ["root fast-ssd"]],
  ["a policy leaves the datastore open", { disks: [disk("replicated")] }, {}, "bulk", ["root bulk aa6d5a82"]],
  ["a policy on a datastore", { disks: [disk("both")] }, {}, "fast-ssd", ["root fast-ssd aa6d5a82"]],
  [
    "each disk its own, the VM with its root",
    { disks: [disk("gold"), disk("", "data"), disk("replicated", "log")] },
    {},
    "fast-ssd",
    ["root fast-ssd", "data bulk", "log bulk aa6d5a82"],
  ],
])("%s", (_, asked, defaults, home, disks) => {
  expect(choose(asked, {}, defaults)).toEqual({ home, disks, violations: [] });
});

test("of what the chosen host reaches, shared before local, whatever the space", () => {
  const hosts = [host(1), host(2, { datastores: ["datastore-1"] })];
  expect(choose({}, {}, {}, true).home).toBe("bulk");
  expect(choose({}, { hosts }, {}, true).home).toBe("fast-ssd");
});

describe("storage that is not there", () => {
  const nowhere = { home: undefined, disks: [] };
  test.each<[string, Part<VMSpec>, Partial<Inventory>, object]>([
    [
      "a datastore by name",
      { placement: { datastore: "gone" } },
      {},
      {
        field: "spec.placement.datastore",
        reason: "PLACEMENT_UNKNOWN",
        description: "no datastore gone is accessible to the chosen hosts; there are: bulk, fast-ssd",
      },
    ],
    [
      "any datastore",
      {},
      { datastores: [] },
      {
        field: "spec.placement.datastore",
        reason: "PLACEMENT_UNKNOWN",
        description:
          "no datastore is accessible to the chosen hosts; mount one, or name another cluster or host",
      },
    ],
    [
      "a datastore in maintenance",
      { placement: { datastore: "bulk" } },
      { datastores: inventory().datastores.map((one) => ({ ...one, accessible: one.name !== "bulk" })) },
      {
        field: "spec.placement.datastore",
        reason: "PLACEMENT_UNKNOWN",
        description: "no datastore bulk is accessible to the chosen hosts; there are: fast-ssd",
      },
    ],
  ])("%s", (_, asked, more, violation) => {
    expect(choose(asked, more)).toEqual({ ...nowhere, violations: [violation] });
  });

  test.each(["silver", "broken", "constructor"])("class %s", (storageClass) => {
    expect(choose({ disks: [disk(storageClass)] })).toEqual({
      home: "bulk",
      disks: [],
      violations: [
        {
          field: "spec.disks[root].storage_class",
          reason: "STORAGE_CLASS_UNKNOWN",
          description: `storage class ${storageClass} is neither mapped to reachable storage in Provider.spec.storageClasses (mapped: both, broken, gold, replicated) nor the name of a datastore (there are: bulk, fast-ssd)`,
        },
      ],
    });
  });
});
