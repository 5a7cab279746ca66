import { expect, test } from "@jest/globals";

import { flagsOf, type VcsimOptions } from "./options.ts";

test.each<[VcsimOptions, string[]]>([
  [{}, []],
  [{ nested: false, vms: 0 }, ["-nested=false", "-vms=0"]],
  [
    {
      listen: "127.0.0.1:8989",
      nested: "mixed",
      cpuVendor: "amd",
      apiVersion: "6.7",
      templates: ["ubuntu 24", "debian"],
      datastores: ["fast-ssd"],
      vms: 3,
      hosts: 4,
      datacenters: 2,
      keyProvider: "native",
      rejectCpuHotAddWithNested: true,
    },
    [
      "-listen=127.0.0.1:8989",
      "-nested=mixed",
      "-cpu-vendor=amd",
      "-api-version=6.7",
      "-vms=3",
      "-hosts=4",
      "-datacenters=2",
      "-key-provider=native",
      "-reject-cpu-hot-add-with-nested=true",
      "-template=ubuntu 24",
      "-template=debian",
      "-datastore=fast-ssd",
    ],
  ],
])("%j", (options, flags) => {
  expect(flagsOf(options)).toEqual(flags);
});
