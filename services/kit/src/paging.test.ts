import { describe, expect, test } from "@jest/globals";
import { decodeOperationName, encodeOperationName } from "./operation-name.ts";
import { decodePageToken, encodePageToken, paginate } from "./pages.ts";

const forged = (json: string) => Buffer.from(json).toString("base64url");

describe("operation names", () => {
  test.each([
    ["task", ["vim.Task:task-42", "vc.example"]],
    ["upid", ["UPID:pve:0000AB:ü"]],
    ["done", []],
  ])("%s %j survive", (kind, fields) => {
    expect(decodeOperationName(encodeOperationName(kind, fields))).toEqual({ kind, fields });
  });

  test.each([
    "",
    "x",
    "task-42",
    forged('["op2","task"]'),
    forged('["op1"]'),
    forged('["op1",1]'),
    forged('{"op1":"a"}'),
    forged('["op1", "task"]'),
    `${encodeOperationName("task", ["a"])}=`,
    encodePageToken("a"),
  ])("%j is not one of ours", (name) => {
    expect(() => decodeOperationName(name)).toThrow(
      expect.objectContaining({
        code: 3,
        reason: "INVALID_OPERATION_NAME",
        violations: [expect.objectContaining({ field: "name" })],
      }),
    );
  });

  test("longer than the contract allows are not made", () => {
    expect(() => encodeOperationName("task", ["x".repeat(1_000)])).toThrow("over 1024");
  });
});

describe("pages", () => {
  const list = (keys: readonly string[], pageSize: number, pageToken: string) =>
    paginate(keys, (key) => key, { pageSize, pageToken });

  test("hold every item once, in order of key", () => {
    const first = list(["d", "b", "a", "c"], 3, "");
    expect(first.items).toEqual(["a", "b", "c"]);
    expect(list(["d", "b", "a", "c"], 3, first.nextPageToken)).toEqual({ items: ["d"], nextPageToken: "" });
  });

  test("have 100 items by default and no token when nothing is left", () => {
    const keys = Array.from({ length: 100 }, (_, at) => String(at).padStart(3, "0"));
    expect(list(keys, 0, "")).toEqual({ items: keys, nextPageToken: "" });
    expect(list([...keys, "100"], 0, "").nextPageToken).toBe(encodePageToken("099"));
  });

  test("list what exists throughout exactly once while other items come and go", () => {
    const constant = ["b", "d", "f", "h"];
    const worlds = [
      ["a", "c", ...constant],
      ["a0", "c", "e", ...constant],
      [...constant, "g"],
      ["a", "i", ...constant],
      constant,
      constant,
    ];
    const seen: string[] = [];
    let token = "";
    for (const world of worlds) {
      const page = list(world, 2, token);
      seen.push(...page.items);
      token = page.nextPageToken;
      if (token === "") break;
    }
    expect(seen.filter((key) => constant.includes(key))).toEqual(constant);
    expect(new Set(seen).size).toBe(seen.length);
    expect(token).toBe("");
  });

  test("resume after an item that is gone", () => {
    expect(list(["a", "c"], 5, encodePageToken("b")).items).toEqual(["c"]);
  });

  test.each(["x", forged('["page1"]'), encodeOperationName("page1", ["a"])])(
    "refuse the token %j",
    (token) => {
      expect(() => decodePageToken(token)).toThrow(
        expect.objectContaining({ code: 3, reason: "INVALID_PAGE_TOKEN" }),
      );
    },
  );
});
