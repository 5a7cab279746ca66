import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const compiled = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
const program = `
  const { runDaemon } = await import(${JSON.stringify(compiled)});
  await runDaemon((signal) => new Promise((resolve) => {
    const alive = setInterval(() => {}, 1_000);
    signal.addEventListener("abort", () => { clearInterval(alive); console.log("stopping"); resolve(); });
    console.log("serving");
  }));
`;

/** Runs a daemon that serves until it is told to stop, does `act` to it once it serves, and answers what it printed and how it ended. */
async function run(env: Record<string, string>, act: (child: ReturnType<typeof spawn>) => void) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (text.includes("serving")) act(child);
  });
  const [code, signal] = await once(child, "close");
  return { printed, code, signal };
}

test.each([
  ["SIGTERM", {}, (child: ReturnType<typeof spawn>) => child.kill("SIGTERM")],
  ["SIGINT", {}, (child: ReturnType<typeof spawn>) => child.kill("SIGINT")],
  [
    "the end of its standard input, where it is to end with it",
    { VIRTRIGAUD_EXIT_WITH_STDIN: "true" },
    (child: ReturnType<typeof spawn>) => child.stdin?.end(),
  ],
])("a daemon stops in order on %s", async (_what, env, act) => {
  expect(await run(env as Record<string, string>, act)).toEqual({
    printed: "serving\nstopping\n",
    code: 0,
    signal: null,
  });
});

test("the end of its standard input means nothing to a daemon that was not told so", async () => {
  const stopLater = (child: ReturnType<typeof spawn>) => {
    child.stdin?.end();
    setTimeout(() => child.kill("SIGKILL"), 500);
  };
  expect(await run({}, stopLater)).toEqual({ printed: "serving\n", code: null, signal: "SIGKILL" });
});
