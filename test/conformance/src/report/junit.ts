import type { CaseResult, Report } from "../run.ts";
import { countOutcomes } from "./count.ts";

/** The report as JUnit XML. */
export function junit({ provider, results }: Report): string {
  const { FAIL, SKIP } = countOutcomes(results);
  const counts = `tests="${results.length}" failures="${FAIL}" skipped="${SKIP}"`;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites ${counts}>`,
    `  <testsuite name="${escape(provider)}" ${counts}>`,
    ...results.map(testcase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testcase({ id, outcome, durationMs, message, contract }: CaseResult): string {
  const head = `    <testcase classname="conformance" name="${escape(id)}" time="${durationMs / 1000}"`;
  if (outcome === "PASS") return `${head}/>`;
  if (outcome === "SKIP") return `${head}><skipped message="${escape(message)}"/></testcase>`;
  return `${head}><failure message="${escape(message)}">${escape(contract)}</failure></testcase>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Characters that XML 1.0 cannot hold even when escaped are left out. */
function escape(text: string): string {
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");
  return allowed.replace(/[&<>"]/g, (character) => entities[character] ?? character).replace(/\n/g, "&#10;");
}
