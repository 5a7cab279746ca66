import { readdirSync, readFileSync } from "node:fs";
import { join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What a provider's daemon is made of. */
const forServices = [
  "@virtrigaud/proto",
  "@virtrigaud/kit",
  "@virtrigaud/kit/download",
  "@virtrigaud/kit/nesting-proof",
  "@virtrigaud/kit/nocloud",
  "@virtrigaud/kit/outcomes",
];
const services = ["services/libvirt", "services/proxmox", "services/vsphere"];

/** Which workspace packages the sources of a package may import; tests may import more. */
const allowed: Record<string, readonly string[]> = {
  proto: [],
  "services/kit": ["@virtrigaud/proto", "@virtrigaud/proto/google"],
  ...Object.fromEntries(services.map((service) => [service, forServices])),
  controller: ["@virtrigaud/proto", "@virtrigaud/kit/client"],
  "test/conformance": ["@virtrigaud/proto", "@virtrigaud/proto/google", "@virtrigaud/kit/client"],
  "test/memory-provider": ["@virtrigaud/proto", "@virtrigaud/proto/google"],
};

/** What pure mapping may reach beyond its own folder. */
const mappingMayImport = [
  /^(xmlbuilder2|fast-xml-parser)$/,
  /^@virtrigaud\/proto$/,
  /^@virtrigaud\/kit\/outcomes$/,
  /^\.\.\/vim\/(types|type-table)\.ts$/,
];
/** What would make a mapping depend on when and where it runs. */
const impure = /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bfetch\(|\bsetTimeout\b/;

const isTestOnly = (file: string) => /\.test\.ts$/.test(file) || file.split(sep).includes("testing");

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name))
    .filter((file) => !isTestOnly(file));
}

function imports(text: string): string[] {
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"|(?:^|\n)import\s+"([^"]+)"/g,
  );
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function violations(folder: string, permitted: readonly string[]): string[] {
  return sources(join(folder, "src")).flatMap((file) =>
    imports(readFileSync(join(root, file), "utf8"))
      .filter((specifier) =>
        specifier.startsWith(".")
          ? relative(join(root, folder), normalize(join(root, file, "..", specifier))).startsWith("..")
          : specifier.startsWith("@virtrigaud/") && !permitted.includes(specifier),
      )
      .map((specifier) => `${file} imports ${specifier}`),
  );
}

describe("dependency rules of design/architecture.md", () => {
  test.each(Object.entries(allowed))("%s imports only what it may", (folder, permitted) => {
    expect(sources(join(folder, "src"))).not.toEqual([]);
    expect(violations(folder, permitted)).toEqual([]);
  });

  test("every service is under a rule", () => {
    const present = readdirSync(join(root, "services")).map((name) => `services/${name}`);
    expect(present.filter((service) => !(service in allowed))).toEqual([]);
  });

  test.each(services)("mapping of %s is pure", (service) => {
    const found = sources(join(service, "src/mapping")).flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const foreign = imports(text).filter(
        (specifier) =>
          !specifier.startsWith("./") && !mappingMayImport.some((pattern) => pattern.test(specifier)),
      );
      const hidden = impure.exec(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""));
      return [
        ...foreign.map((specifier) => `${file} imports ${specifier}`),
        ...(hidden ? [`${file} uses ${hidden[0]}`] : []),
      ];
    });
    expect(found).toEqual([]);
  });

  test("the check itself sees each way to import", () => {
    const text =
      'import a from "one";\nexport * from "two";\nimport type {\n  B,\n} from "three";\nimport "four";\nawait import("five");\n';
    expect(imports(text)).toEqual(["one", "two", "three", "four", "five"]);
  });
});
