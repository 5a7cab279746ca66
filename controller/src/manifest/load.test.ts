import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unsupportedFields } from "../api/unsupported.ts";
import { loadManifests } from "./load.ts";
import { formatProblem } from "./problem.ts";

const TESTDATA = fileURLToPath(new URL("testdata", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "manifests-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

const secret = (name: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\n`;

/** "file name" of the objects, and the problems as they are printed; paths relative to the test's folder. */
async function load(...paths: string[]): Promise<{ objects: string[]; problems: string[] }> {
  const { resources, problems } = await loadManifests(paths.map((path) => join(folder, path)));
  return {
    objects: resources.map(({ resource, source }) =>
      `${source.file} ${resource.metadata.name}`.replace(`${folder}/`, ""),
    ),
    problems: problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, "")),
  };
}

test("a folder gives its manifests, recursively and sorted; hidden and other files are left alone", async () => {
  write({
    "b.yaml": secret("b"),
    "a.yml": secret("a"),
    "c/d.json": '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "d"}}',
    "README.md": "no manifest: [",
    ".hidden.yaml": "[",
    ".git/x.yaml": "[",
  });
  expect(await load(".")).toEqual({ objects: ["a.yml a", "b.yaml b", "c/d.json d"], problems: [] });
});

test("a file reached twice counts once, and loops of links end", async () => {
  write({ "a/x.yaml": secret("x"), "vm.txt": secret("vm") });
  symlinkSync("..", join(folder, "a", "loop"));
  symlinkSync("a", join(folder, "b"));
  symlinkSync("x.yaml", join(folder, "a", "z.yaml"));
  expect(await load(".", "a/x.yaml", "a", "vm.txt")).toEqual({
    objects: ["a/x.yaml x", "vm.txt vm"],
    problems: [],
  });
});

test("what cannot be read is a problem, and the rest is read", async () => {
  write({
    "latin1.yaml": Buffer.from("a: \xe9", "latin1"),
    "large.yaml": " ".repeat(1_500_001),
    "ok.yaml": secret("ok"),
  });
  symlinkSync("gone", join(folder, "dangling.yaml"));
  execFileSync("mkfifo", [join(folder, "pipe"), join(folder, "pipe.yaml")]);
  expect(await load("missing", "pipe", ".")).toEqual({
    objects: ["ok.yaml ok"],
    problems: [
      "missing: cannot be read: ENOENT: no such file or directory",
      "dangling.yaml: cannot be read: ENOENT: no such file or directory",
      "pipe: cannot be read: it is neither a file nor a folder",
      "large.yaml: is larger than the 1500000 bytes of a manifest file",
      "latin1.yaml: is not UTF-8 text",
    ],
  });
});

test("an object declared twice names both places, and the first one counts", async () => {
  write({
    "a.yaml": `${secret("x")}---\n${secret("y")}`,
    "b.yaml": `---\n${secret("x").replace("x", "x, namespace: default")}`,
  });
  expect(await load(".")).toEqual({
    objects: ["a.yaml x", "a.yaml y"],
    problems: ["b.yaml:2:1 (document 1, Secret default/x): already declared at a.yaml:1:1 (document 1)"],
  });
});

test("the nested virtualization manifests that users have are accepted whole", async () => {
  const { resources, problems } = await loadManifests([TESTDATA]);
  expect(problems).toEqual([]);
  expect(resources.flatMap(({ resource }) => unsupportedFields(resource))).toEqual([]);
  expect(resources.map(({ resource }) => resource)).toEqual([
    expect.objectContaining({
      kind: "VMClass",
      metadata: { name: "hypervisor-class", namespace: "default" },
    }),
    expect.objectContaining({
      kind: "VMImage",
      metadata: { name: "ubuntu-server-22-04", namespace: "default" },
    }),
    {
      apiVersion: "infra.virtrigaud.io/v1beta1",
      kind: "VirtualMachine",
      metadata: { name: "nested-hypervisor", namespace: "default" },
      spec: {
        providerRef: { name: "my-provider" },
        classRef: { name: "hypervisor-class" },
        imageRef: { name: "ubuntu-server-22-04" },
        userData: {
          cloudInit: { inline: expect.stringMatching(/^#cloud-config\nhostname: nested-hypervisor\n/) },
        },
        powerState: "On",
      },
    },
    {
      apiVersion: "infra.virtrigaud.io/v1beta1",
      kind: "VMClass",
      metadata: { name: "nested-vm-class", namespace: "virtrigaud-system" },
      spec: {
        cpu: 4,
        memory: "8Gi",
        firmware: "UEFI",
        performanceProfile: {
          nestedVirtualization: true,
          virtualizationBasedSecurity: true,
          cpuHotAddEnabled: true,
          memoryHotAddEnabled: true,
        },
        securityProfile: { secureBoot: false, tpmEnabled: false, vtdEnabled: true },
        diskDefaults: { type: "thin", size: "100Gi" },
      },
    },
  ]);
});
