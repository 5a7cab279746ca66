import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { readCommandLine, TOKEN_ID, usage } from "./command-line.ts";
import { ask } from "./testing/client.ts";
import type { Pve } from "./start.ts";

const env = { PVE_TOKEN_SECRET: "s3cret" };

test("without arguments: one 9.2 node that nests, and a template", () => {
  expect(readCommandLine([], env)).toEqual({
    kind: "start",
    options: {
      version: "9.2",
      listen: { host: "127.0.0.1", port: 0 },
      nodes: [{ name: "pve1", vendor: "intel" }],
      templates: [{ vmid: 9000, name: "debian-13" }],
      tls: true,
      latencyMs: 0,
      taskMs: 500,
      secondMs: 1000,
      tokens: [{ id: TOKEN_ID, secret: "s3cret" }],
    },
  });
});

test("everything that is wrong is said at once", () => {
  const args = [
    "--pve",
    "5",
    "--listen",
    "x",
    "--node",
    "-:wet",
    "--vendor",
    "via",
    "--template",
    "1:x",
    "--latency-ms",
    "-1",
  ];
  expect(
    readCommandLine(
      args.flatMap((arg, index) => (index % 2 === 0 ? [`${arg}=${args[index + 1]}`] : [])),
      {},
    ),
  ).toEqual({
    kind: "wrong",
    problems: [
      "--pve 5: must be 6.4, 7.4, 8.4, 9.2",
      "--vendor via: must be intel or amd",
      "--listen x: must be HOST:PORT",
      "--node -:wet: KIND must be nesting, no-nesting, no-kvm, offline",
      "--node -:wet: no valid node name",
      "--template 1:x: must be VMID:NAME",
      "--latency-ms -1: must be a whole number of milliseconds",
      "PVE_TOKEN_SECRET is not set: choose the secret of the API token",
    ],
  });
});

test("an unknown option is named", () => {
  expect(readCommandLine(["--wat"], env)).toEqual({
    kind: "wrong",
    problems: [expect.stringContaining("--wat")],
  });
});

describe("the program", () => {
  const main = fileURLToPath(new URL("../../bin/virtrigaud-pve.js", import.meta.url));
  const launch = (...args: string[]) =>
    spawn(process.execPath, [main, ...args], {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
  const firstLine = async (child: ChildProcessByStdio<Writable, Readable, Readable>) => {
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    return JSON.parse(chunk.toString("utf8")) as Record<string, string>;
  };

  test.each([
    { how: "its standard input", end: (child: ReturnType<typeof launch>) => void child.stdin.end() },
    { how: "SIGTERM", end: (child: ReturnType<typeof launch>) => void child.kill("SIGTERM") },
  ])("serves what its one line says and ends with $how", async ({ end }) => {
    const child = launch("--pve", "8.4");
    const line = await firstLine(child);
    expect(Object.keys(line)).toEqual(["url", "tokenId", "certificatePem", "fingerprint"]);
    const pve = { url: line["url"], certificatePem: line["certificatePem"] } as Pve;
    const headers = { Authorization: `PVEAPIToken=${line["tokenId"]}=${env.PVE_TOKEN_SECRET}` };
    expect((await ask(pve, { path: "/version", headers })).body).toMatchObject({ data: { release: "8.4" } });
    end(child);
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("--help tells of itself, and a mistake too", async () => {
    const help = launch("--help");
    const [[text], [code]] = await Promise.all([once(help.stdout, "data"), once(help, "exit")]);
    expect([String(text), code]).toEqual([usage, 0]);
    const wrong = launch("--vendor", "via");
    const [[problem], [exit]] = await Promise.all([once(wrong.stderr, "data"), once(wrong, "exit")]);
    expect([String(problem), exit]).toEqual([`--vendor via: must be intel or amd\n\n${usage}`, 2]);
  });
});
