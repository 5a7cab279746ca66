import { expect, test } from "@jest/globals";
import { decodeForm, decodeJson } from "./parameters.ts";

test.each([
  { form: "a=1&b=two+words", major: 9, values: { a: "1", b: "two words" } },
  { form: "a=1;b=2", major: 9, values: { a: "1", b: "2" } },
  { form: "a=x=y&b", major: 9, values: { a: "x", b: undefined } },
  { form: "a=%C3%BC%3B%26%3d", major: 9, values: { a: "ü;&=" } },
  { form: "a=ü", major: 9, values: { a: "ü" } },
  { form: "a=%", major: 9, values: { a: "%" } },
  { form: "a=1&a=2&a=3", major: 8, values: { a: ["1", "2", "3"] } },
  { form: "a=1&a=2&a=3", major: 7, values: { a: "1\u00002\u00003" } },
  { form: "", major: 9, values: {} },
] as const)("form $form in $major", ({ form, major, values }) => {
  expect(decodeForm(form, major)).toEqual(values);
});

test.each([
  { json: '{"a":1,"b":true,"c":null,"d":["x",2]}', major: 9, values: { a: "1", b: true, d: ["x", "2"] } },
  { json: '{"a":1,"b":true}', major: 7, values: { a: "1", b: "true" } },
  { json: '{"d":["x",2]}', major: 7, values: { d: "x\u00002" } },
  { json: '{"__proto__":{"a":1}}', major: 9, values: JSON.parse('{"__proto__":{"a":"1"}}') as object },
] as const)("JSON $json in $major", ({ json, major, values }) => {
  expect(decodeJson(json, major)).toEqual(values);
});

test.each(["", "{", "[]", "1", "null", '"x"'])("no object: %s", (json) => {
  expect(() => decodeJson(json, 9)).toThrow();
});
