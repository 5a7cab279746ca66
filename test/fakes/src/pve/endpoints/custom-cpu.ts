import type { Call } from "../api/call.ts";
import type { Endpoint } from "../api/endpoint.ts";
import { fail } from "../api/error.ts";
import { either, on } from "../api/permission.ts";
import { digestOf } from "../model/config.ts";
import { atMajor } from "../schema/by-major.ts";
import { cpuKeys } from "../schema/cpu.ts";
import { formatted, required, text } from "../schema/schema.ts";

const path = "/cluster/qemu/custom-cpu-models";

function shown(call: Call, name: string) {
  const model = call.cluster.cpuModels.get(name) ?? fail(`Custom cputype '${name}' not found`);
  return { cputype: name, ...model, digest: digestOf(...call.cluster.cpuModels) };
}

function list(call: Call) {
  const seesAll = call.may("/nodes", "Sys.Audit");
  return [...call.cluster.cpuModels.keys()]
    .filter(
      (name) =>
        seesAll || call.mayAny(`/mapping/cpu/${name}`, "Mapping.Audit", "Mapping.Use", "Mapping.Modify"),
    )
    .map((name) => shown(call, name));
}

function create({ cluster, values }: Call): null {
  const { cputype = "", ...model } = values;
  if (cluster.cpuModels.has(cputype)) fail(`custom CPU model '${cputype}' already exists`);
  cluster.cpuModels.set(cputype, model);
  return null;
}

const readable = ["Mapping.Audit", "Mapping.Use", "Mapping.Modify"].map((name) =>
  on("/mapping/cpu/{cputype}", name),
);

export const customCpuEndpoints: readonly Endpoint[] = [
  { method: "GET", path, since: 9, permission: "all", parameters: {}, run: list },
  {
    method: "POST",
    path,
    since: 9,
    permission: on("/mapping/cpu", "Mapping.Modify"),
    parameters: (major) => ({
      ...atMajor(cpuKeys(major), major),
      cputype: required(formatted("pve-configid", { maxLength: 40 })),
    }),
    run: create,
  },
  {
    method: "GET",
    path: `${path}/{cputype}`,
    since: 9,
    permission: either(...readable),
    parameters: { cputype: required(text()) },
    run: (call) => shown(call, call.text("cputype")),
  },
];
