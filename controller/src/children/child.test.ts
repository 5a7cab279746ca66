import { afterEach, describe, expect, test } from "@jest/globals";
import { type Child, startChild } from "./child.ts";
import { isAlive } from "./is-alive.ts";

const never = new AbortController().signal;
let children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.map((child) => child.stop()));
  children = [];
});

const readReady = (line: string) => (line.startsWith("ready ") ? line.slice(6) : undefined);

/** Runs JavaScript as a child process. */
async function start(script: string, { timeoutMs = 5_000, signal = never } = {}) {
  const lines: string[] = [];
  const options = {
    command: process.execPath,
    args: ["-e", script],
    env: {},
    onLine: (line: string) => lines.push(line),
  };
  const { child, ready } = await startChild(options, readReady, { timeoutMs, signal });
  children.push(child);
  return { child, ready, lines };
}

const STAY = "setInterval(() => {}, 1000);";

describe("child process", () => {
  test("is ready when it says so, and its other lines are passed on", async () => {
    const { ready, lines, child } = await start(
      `console.log("a"); console.error("b"); console.log("ready x"); console.log("c");`,
    );
    expect(ready).toBe("x");
    expect(await child.ended).toEqual({ how: "exited with code 0", exitCode: 0 });
    expect(lines.sort()).toEqual(["a", "b", "c"]);
  });

  test.each([
    ["ends before it is ready", "process.exit(3)", /^node exited with code 3$/],
    [
      "says why",
      'console.error("PROVIDER_ENDPOINT is missing"); process.exitCode = 2;',
      "node exited with code 2: PROVIDER_ENDPOINT is missing",
    ],
    ["throws", 'throw new TypeError("x is not y")', "node exited with code 1: TypeError: x is not y"],
    ["is not ready in time", STAY, "was not ready within 0.3 s"],
  ])("one that %s is told", async (_, script, message) => {
    await expect(start(script, { timeoutMs: 300 })).rejects.toThrow(message);
  });

  test("a command that does not exist is told", async () => {
    const options = { command: "/nonexistent/provider", args: [], env: {}, onLine: () => undefined };
    await expect(startChild(options, readReady, { timeoutMs: 1_000, signal: never })).rejects.toThrow(
      "could not be started",
    );
  });

  test("one that ignores SIGTERM is killed after the grace period", async () => {
    const { child } = await start(`process.on("SIGTERM", () => {}); console.log("ready x"); ${STAY}`);
    await child.stop(200);
    expect(await child.ended).toMatchObject({ how: "was ended by SIGKILL" });
    expect(isAlive(child.pid)).toBe(false);
  });

  test("its standard input is open as long as we live, and ends with us", async () => {
    const script = `process.on("SIGTERM", () => {}); process.stdin.on("end", () => process.exit(7)).resume(); console.log("ready x");`;
    const { child } = await start(script);
    expect(isAlive(child.pid)).toBe(true);
    await child.stop();
    expect(await child.ended).toEqual({ how: "exited with code 7", exitCode: 7 });
  });

  test("an abort while it starts leaves nothing behind", async () => {
    const abort = new AbortController();
    const starting = start(STAY, { signal: abort.signal });
    abort.abort(new Error("stopped"));
    await expect(starting).rejects.toThrow();
  });
});
