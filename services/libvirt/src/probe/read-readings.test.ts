import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseLibvirtUri } from "../client/index.ts";
import { readReadings } from "./read-readings.ts";

const never = { signal: new AbortController().signal };

test("of this machine", async () => {
  const notes: string[] = [];
  const readings = await readReadings(parseLibvirtUri("qemu:///system"), {}, never, notes);
  const flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
  expect(readings.cpuFlags).toEqual(flags === undefined ? undefined : new Set(flags.split(" ")));
  expect(readings.devKvm).toEqual(expect.any(Boolean));
  expect(notes).toEqual([]);
});

test("over TLS there is no way, and nothing is guessed", async () => {
  expect(await readReadings(parseLibvirtUri("qemu+tls://host1/system"), {}, never, [])).toEqual({});
});

describe("over ssh", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "readings-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An ssh that does this instead of connecting; its last argument is the command for the host. */
  function read(script: string, notes: string[], signal = never.signal) {
    writeFileSync(join(folder, "ssh"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "ssh"), 0o755);
    const target = parseLibvirtUri("qemu+ssh://virt@host1/system?keyfile=/k/id");
    return readReadings(target, {}, { signal }, notes, { PATH: `${folder}:${process.env["PATH"]}` });
  }

  test("one command of the client's ssh reads the same as here", async () => {
    const notes: string[] = [];
    const here = await readReadings(parseLibvirtUri("qemu:///system"), {}, never, []);
    const script = `echo "$@" > ${folder}/arguments; for last; do :; done; exec sh -c "$last"`;
    expect(await read(script, notes)).toEqual(here);
    expect(notes).toEqual([]);
    expect(readFileSync(join(folder, "arguments"), "utf8")).toMatch(
      /^-T -e none -o BatchMode=yes -o StrictHostKeyChecking=yes -i \/k\/id -o IdentitiesOnly=yes -l virt -- host1 grep -H -s -m 100 "" [ \w./]+\n$/,
    );
  });

  test.each([
    [
      "a host that lets nobody in",
      "echo 'Permission denied (publickey).' >&2; exit 255",
      "Permission denied (publickey).",
    ],
    ["a host that runs only libvirt's helper, until its input ends", "cat; exit 1", "Command failed: ssh"],
  ])(
    "%s tells nothing, and why",
    async (_, script, why) => {
      const notes: string[] = [];
      expect(await read(script, notes)).toEqual({});
      expect(notes).toEqual([
        expect.stringContaining(`not told: the host's /proc and /sys over ssh: ${why}`),
      ]);
    },
    5_000,
  );

  test("a host that does not answer is left when the caller gives up", async () => {
    const given = read("exec sleep 60", [], AbortSignal.timeout(200));
    await expect(given).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
