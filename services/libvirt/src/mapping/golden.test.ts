import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { goldenCases } from "./testing/golden-cases.ts";
import { testdata } from "./testing/testdata.ts";

const names = Object.keys(goldenCases);

describe("domain XML", () => {
  test.each(names)("%s", (name) => {
    const planned = goldenCases[name]?.();
    expect(planned?.violations).toEqual([]);
    expect(`${planned?.plan?.domainXml}\n`).toBe(testdata(`${name}.xml`));
  });

  test("never asks for two CPU features that exclude each other", () => {
    for (const name of names) {
      const required = testdata(`${name}.xml`).match(/<feature policy="require"/g) ?? [];
      expect(required.length).toBeLessThanOrEqual(1);
    }
  });
});

/** libvirt-clients brings virt-xml-validate, libxml2-utils the xmllint that it runs. */
const lacking = ["virt-xml-validate", "xmllint"].filter((command) => !isInstalled(command));

(lacking.length === 0 ? describe : describe.skip)(
  `libvirt's own schema${lacking.length === 0 ? "" : ` (skipped: ${lacking.join(", ")} not installed)`}`,
  () => {
    let directory = "";
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), "virtrigaud-schema-"));
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    /** Throws with the schema's complaint. */
    const validate = (name: string, xml: string, schema: string): void => {
      const file = join(directory, `${name}.xml`);
      writeFileSync(file, xml);
      execFileSync("virt-xml-validate", [file, schema], { stdio: "pipe" });
    };

    test.each(names)("%s", (name) => {
      expect(() => validate(name, testdata(`${name}.xml`), "domain")).not.toThrow();
    });

    test.each(names)("volumes of %s", (name) => {
      for (const { disk, xml } of goldenCases[name]?.().plan?.volumes ?? [])
        expect(() => validate(`${name}-${disk}`, xml, "storagevol")).not.toThrow();
    });

    test("can fail", () => {
      expect(() => validate("broken", "<domain type='kvm'><iommu/></domain>", "domain")).toThrow();
    });
  },
);

function isInstalled(command: string): boolean {
  try {
    execFileSync("which", [command], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
