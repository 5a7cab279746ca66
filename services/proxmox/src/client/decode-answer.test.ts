import { describe, expect, test } from "@jest/globals";
import { decodeAnswer } from "./decode-answer.ts";
import type { HttpAnswer } from "./exchange.ts";

const request = { method: "POST", path: "/nodes/pve1/qemu" };
const answer = (
  status: number,
  reason: string,
  body: string,
  contentType = "application/json;charset=UTF-8",
) => ({ status, reason, contentType, body: Buffer.from(body) }) satisfies HttpAnswer;
const nowhere = "is PROVIDER_ENDPOINT the address of PVE's API (port 8006)?";

test("data is what an answer holds, null included", () => {
  expect(decodeAnswer(request, answer(200, "OK", '{"data":[{"vmid":100}]}'), [])).toEqual([{ vmid: 100 }]);
  expect(decodeAnswer(request, answer(200, "OK", '{"data":null}'), [])).toBeNull();
});

describe("what is no data", () => {
  test.each<[string, HttpAnswer, object]>([
    [
      "a refusal by parameter",
      answer(
        400,
        "Parameter verification failed.",
        '{"data":null,"errors":{"cores":"too few\\n","cpu":"no such"}}',
      ),
      {
        name: "PveError",
        message: "POST /nodes/pve1/qemu: 400 Parameter verification failed.; cores: too few; cpu: no such",
        errors: { cores: "too few\n", cpu: "no such" },
      },
    ],
    [
      "a refusal whose reason a proxy dropped",
      answer(500, "", '{"data":null,"message":"VM is locked (backup)\\n"}'),
      { name: "PveError", reason: "VM is locked (backup)" },
    ],
    [
      "a refusal without a body",
      answer(401, "No ticket", "", ""),
      { name: "PveError", status: 401, reason: "No ticket" },
    ],
    [
      "a refusal that repeats a secret",
      answer(400, "no hunter22!", '{"errors":{"cipassword":"hunter22 is weak"}}'),
      { reason: "no [redacted]!", errors: { cipassword: "[redacted] is weak" } },
    ],
    [
      "a web page",
      answer(200, "OK", "<html>", "text/html"),
      { name: "PveProtocolError", message: `POST /nodes/pve1/qemu: 200 without PVE's JSON: ${nowhere}` },
    ],
    [
      "JSON of something else",
      answer(200, "OK", "[]"),
      { name: "PveProtocolError", message: `POST /nodes/pve1/qemu: 200 without PVE's JSON: ${nowhere}` },
    ],
    ["half an answer", answer(200, "OK", '{"data":'), { name: "PveProtocolError" }],
    [
      "a way elsewhere",
      answer(301, "Moved Permanently", "", ""),
      { name: "PveProtocolError", message: `POST /nodes/pve1/qemu: 301 Moved Permanently: ${nowhere}` },
    ],
  ])("%s", (_, given, expected) => {
    let error: unknown;
    try {
      decodeAnswer(request, given, ["hunter22", "a"]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject(expected);
  });
});
