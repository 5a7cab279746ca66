import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadManifests } from "../../manifest/load.ts";
import type { Change } from "../store.ts";
import { FolderStore } from "./folder-store.ts";
import { Records } from "./records.ts";

let root = "";
let abort = new AbortController();
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "folder-store-test-"));
  await mkdir(join(root, "vms"));
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await rm(root, { recursive: true });
});

const image = (name: string, template: string) =>
  JSON.stringify({
    apiVersion: "infra.virtrigaud.io/v1beta1",
    kind: "VMImage",
    metadata: { name },
    spec: { source: { vsphere: { templateName: template } } },
  });
const write = (file: string, text: string) => writeFile(join(root, "vms", file), text);

async function watched() {
  const paths = [join(root, "vms")];
  const { resources } = await loadManifests(paths);
  const [changes, problems]: [Change[], string[]] = [[], []];
  const store = new FolderStore({
    paths,
    resources: resources.map(({ resource }) => resource),
    records: new Records(join(root, "state")),
    deleting: false,
    onProblems: (found) => problems.push(...found.map(({ field }) => field ?? "")),
  });
  store.watch((change) => changes.push(change), abort.signal);
  await sleep(200);
  const names = async () =>
    (await store.list("VMImage")).map(
      ({ metadata, spec }) => `${metadata.name} ${spec.source.vsphere?.templateName}`,
    );
  return { changes, problems, names, settled: () => sleep(600) };
}

const changed = (name: string) => ({ kind: "VMImage", namespace: "default", name });

describe("folder store", () => {
  test("tells what appears, changes and goes, each once, and nothing about what stays", async () => {
    await write("stays.yaml", image("stays", "a"));
    await write("changes.yaml", image("changes", "a"));
    await write("goes.yaml", image("goes", "a"));
    const { changes, names, settled } = await watched();
    await mkdir(join(root, "vms/deep"));
    await write("deep/appears.yaml", image("appears", "a"));
    await write("changes.yaml", image("changes", "b"));
    await write("stays.yaml", `${image("stays", "a")}\n`);
    await rm(join(root, "vms/goes.yaml"));
    await settled();
    expect(changes.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      changed("appears"),
      changed("changes"),
      changed("goes"),
    ]);
    expect(await names()).toEqual(["appears a", "changes b", "stays a"]);
  });

  test("a mistake is told and leaves everything in force until it is corrected", async () => {
    await write("one.yaml", image("one", "a"));
    const { changes, problems, names, settled } = await watched();
    await write("one.yaml", image("one", "b").replace("templateName", "tempalteName"));
    await write("two.yaml", image("two", "a"));
    await settled();
    expect(problems).toContain("spec.source.vsphere.tempalteName");
    expect({ changes, names: await names() }).toEqual({ changes: [], names: ["one a"] });
    await write("one.yaml", image("one", "b"));
    await settled();
    expect(await names()).toEqual(["one b", "two a"]);
  });
});
