import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { startFakeLibvirtd } from "../testing/fake-libvirtd.ts";
import { connectLibvirt } from "./index.ts";

const id = (last: number) => `00000000-0000-0000-0000-00000000000${last}`;

/** The first example of the README, as a function of what it imports and of where it prints. */
async function example(): Promise<(connect: typeof connectLibvirt, console: object) => Promise<void>> {
  const readme = await readFile(new URL("./README.md", import.meta.url), "utf8");
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const body = code.replace(/^import .*\n/, "");
  expect(body.trim().split("\n").length).toBeLessThanOrEqual(10);
  return new Function("connectLibvirt", "console", `return (async () => {${body}})();`) as never;
}

test("the README lists domains in ten lines", async () => {
  const fake = await startFakeLibvirtd({
    answers: {
      connectListAllDomains: () => ({
        domains: [
          { name: "web", uuid: id(1), id: 4 },
          { name: "db", uuid: id(2), id: -1 },
        ],
        count: 2,
      }),
      domainGetState: ({ domain }) => ({ state: domain.id === -1 ? 5 : 1, reason: 0 }),
    },
  });
  const printed: unknown[][] = [];
  const toFake: typeof connectLibvirt = ({ uri }) => {
    expect(uri).toBe("qemu:///system");
    return connectLibvirt({ uri: fake.uri });
  };
  await (await example())(toFake, { log: (...words: unknown[]) => printed.push(words) });
  expect(printed).toEqual([
    ["web", id(1), 1],
    ["db", id(2), 5],
  ]);
  await fake.stop();
});
