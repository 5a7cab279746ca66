import { describe, expect, test } from "@jest/globals";
import { captureLog } from "../testing/daemon.ts";
import { fieldsOf, messages } from "../testing/descriptors.ts";
import { REDACTED_FIELDS } from "./redact.ts";
import { formatLine } from "./text-format.ts";

describe("the log", () => {
  test("redacts every field that the contract marks so", () => {
    const marked = messages()
      .flatMap((name) => fieldsOf(name))
      .filter(({ options }) => options?.debugRedact);
    expect(marked.length).toBeGreaterThan(0);
    expect(marked.map(({ name }) => name).filter((name) => !REDACTED_FIELDS.has(name))).toEqual([]);
  });

  test("holds no secret that someone logs by accident, at any depth", () => {
    const { log, lines } = captureLog();
    log.info({ request: { guestCredentials: { username: "u", password: "hunter2" } } }, "a");
    log.info(
      { spec: { cloudInit: { userData: "hunter2" }, disks: [{ name: "root", token: "hunter2" }] } },
      "b",
    );
    log.info({ console: { url: "wss://esx.example:443/ticket/hunter2", ticket: "hunter2" } }, "c");
    expect(JSON.stringify(lines)).not.toContain("hunter2");
    expect(lines).toMatchObject([
      { request: { guestCredentials: { username: "u", password: "(redacted)" } } },
      { spec: { cloudInit: { userData: "(redacted)" }, disks: [{ name: "root", token: "(redacted)" }] } },
      { console: { url: "wss://esx.example/(redacted)", ticket: "(redacted)" } },
    ]);
  });

  test("writes of an error its name, message, code, stack and causes only", () => {
    const { log, lines } = captureLog();
    const native = Object.assign(new TypeError("refused"), {
      code: "ECONNREFUSED",
      config: { auth: "hunter2" },
    });
    log.error({ err: new Error("outer", { cause: native }) }, "failed");
    expect(lines[0]?.err).toEqual({
      name: "Error",
      message: "outer",
      stack: expect.stringContaining("Error: outer"),
      cause: { name: "TypeError", message: "refused", code: "ECONNREFUSED" },
    });
  });
});

test.each([
  [
    {
      level: "info",
      time: "2026-01-02T03:04:05.678Z",
      rpc: "CreateVM",
      error: "no way",
      ms: 1.5,
      msg: "call",
    },
    '03:04:05.678 INFO  call rpc=CreateVM error="no way" ms=1.5\n',
  ],
  [
    {
      level: "error",
      time: "2026-01-02T03:04:05.678Z",
      err: {
        name: "Error",
        message: "outer",
        stack: "Error: outer\n    at x",
        cause: { name: "TypeError", message: "inner" },
      },
      msg: "failed",
    },
    "03:04:05.678 ERROR failed\n  Error: outer\n      at x\n  caused by\n  TypeError: inner\n",
  ],
])("the text format of %j", (line, text) => {
  expect(formatLine(JSON.stringify(line))).toBe(text);
});
