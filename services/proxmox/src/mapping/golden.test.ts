import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parameterProblems, type PveVersion } from "@virtrigaud/fakes";
import { configureClone } from "./clone.ts";
import { type Planned, planVm } from "./plan.ts";
import { goldenCases, versions } from "./testing/golden-cases.ts";
import { ubuntu } from "./testing/sample-plan.ts";

/** All that a plan sends, in order, and why there is none; texts of seeds and notes are looked at elsewhere. */
function shown({ plan, violations, advice, applied }: Planned) {
  const clone = plan?.clone;
  return {
    ...(violations.length > 0 ? { violations } : {}),
    ...(plan === undefined ? {} : { node: plan.node }),
    ...(plan?.seed === undefined ? {} : { seed: { ...plan.seed, files: Object.keys(plan.seed.files) } }),
    ...(plan?.create === undefined ? {} : { create: brief(plan.create) }),
    ...(clone === undefined
      ? {}
      : {
          clone: { from: clone.from, parameters: brief(clone.parameters) },
          ...configured(clone),
        }),
    applied: applied.map(
      ({ feature, outcome, subject, mechanism, observedValue }) =>
        `${feature} ${outcome}${subject && ` ${subject}`}: ${mechanism} = ${observedValue}`,
    ),
    advice: advice.map(({ message }) => message),
  };
}

/** As if the clone were the template but for its own volumes. */
function configured(clone: NonNullable<NonNullable<Planned["plan"]>["clone"]>) {
  const { parameters, resizes } = configureClone(clone, {
    ...ubuntu.config,
    scsi0: "fast-ssd:vm-100-disk-0,discard=on,iothread=1,size=10G",
    ide0: "fast-ssd:vm-100-cloudinit,media=cdrom",
  });
  return { config: brief(parameters), resizes };
}

function brief(parameters: Readonly<Record<string, string | number>>) {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, value]) => [name, name === "description" ? "(the marker)" : value]),
  );
}

describe.each(Object.entries(versions))("Proxmox VE %s", (version, of) => {
  const file = new URL(`./testdata/plans-${version}.json`, import.meta.url);
  const made = Object.entries(goldenCases).map(([name, input]) => [name, planVm(input(of))] as const);
  const all = Object.fromEntries(made.map(([name, planned]) => [name, shown(planned)]));
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  const golden = JSON.parse(readFileSync(file, "utf8")) as typeof all;

  test("has the cases that are kept", () => {
    expect(Object.keys(golden)).toEqual(Object.keys(goldenCases));
  });

  test.each(made)("%s: every parameter", (name, planned) => {
    expect(shown(planned)).toEqual(golden[name]);
  });

  const check = (
    method: "POST" | "PUT",
    path: string,
    parameters: Readonly<Record<string, string | number>>,
  ) => parameterProblems(version as PveVersion, method, `/nodes/pve1/qemu${path}`, parameters);

  test.each(made)("%s: nothing that the API does not take", (_, { plan }) => {
    if (plan === undefined) return;
    if (plan.create !== undefined) expect(check("POST", "", { vmid: 100, ...plan.create })).toEqual({});
    if (plan.clone === undefined) return;
    expect(check("POST", "/9000/clone", { newid: 100, ...plan.clone.parameters })).toEqual({});
    const { parameters, resizes } = configureClone(plan.clone, ubuntu.config);
    expect(check("PUT", "/100/config", parameters)).toEqual({});
    for (const { disk, size } of resizes) expect(check("PUT", "/100/resize", { disk, size })).toEqual({});
  });
});
