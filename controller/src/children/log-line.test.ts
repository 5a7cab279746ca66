import { describe, expect, test } from "@jest/globals";
import { readLogLine, servingAddress } from "./log-line.ts";

describe("a daemon's output", () => {
  test.each([
    ['{"level":30,"msg":"logged in"}', { text: "logged in", important: false }],
    ['{"level":"info","msg":"logged in"}', { text: "logged in", important: false }],
    [
      '{"level":40,"msg":"retrying","err":{"message":"ECONNREFUSED"}}',
      { text: "retrying: ECONNREFUSED", important: true },
    ],
    ['{"level":"error","msg":"failed"}', { text: "failed", important: true }],
    ["TypeError: x", { text: "TypeError: x", important: true }],
    ["{not json", { text: "{not json", important: true }],
    ["", { text: "", important: false }],
  ])("%s", (line, expected) => {
    expect(readLogLine(line)).toEqual(expected);
  });

  test.each([
    ['{"level":30,"msg":"serving","address":"127.0.0.1:4711","health":"127.0.0.1:1"}', "127.0.0.1:4711"],
    ['{"level":30,"msg":"starting","address":"127.0.0.1:4711"}', undefined],
    ["serving", undefined],
  ])("the address in %s is %s", (line, expected) => {
    expect(servingAddress(line)).toBe(expected);
  });
});
