import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { Pve, type PveOptions } from "./index.ts";
import { withPve } from "./testing/running.ts";

type Example = (PveOfExample: unknown, console: object) => Promise<void>;

/** The first example of the README, as a function of what it imports and of where it prints. */
async function example(): Promise<Example> {
  const readme = await readFile(new URL("./README.md", import.meta.url), "utf8");
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(10);
  const body = code.replace(/^import .*\n/, "");
  return new Function("Pve", "console", `return (async () => {${body}})();`) as Example;
}

test("the README lists VMs in ten lines", async () => {
  const template = { vmid: 9000, name: "debian-13" };
  const { simulator } = await withPve({ templates: [template] });
  const { token, url: endpoint, fingerprint } = simulator;
  class PveOfExample extends Pve {
    constructor(options: PveOptions) {
      expect(options.trust.mode).toBe("fingerprint");
      const credentials = async () => ({ ...(await options.credentials()), ...token });
      super({ ...options, endpoint, credentials, trust: { mode: "fingerprint", sha256: fingerprint } });
    }
  }
  const printed: unknown[][] = [];
  await (await example())(PveOfExample, { log: (...words: unknown[]) => printed.push(words) });
  expect(printed).toEqual([[9000, "debian-13", "stopped"]]);
});
