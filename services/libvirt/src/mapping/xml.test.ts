import { describe, expect, test } from "@jest/globals";
import { el, parseXml, renderXml } from "./xml.ts";

describe("XML", () => {
  test("what is written reads back, whatever the text", () => {
    const hostile = `</a>]]><!-- & "'; $(rm -rf /) &#10; \u{1F600}`;
    const element = el("a", { x: hostile, n: 3, gone: undefined }, [
      el("b", {}, `${hostile}\nsecond line`),
      undefined,
      el("c"),
    ]);
    expect(parseXml(renderXml(element))).toEqual(element);
  });

  test("numeric references, CDATA and comments are read as libvirt means them", () => {
    const text =
      "<?xml version='1.0'?><!-- c --><a x='1&#10;2'>\n <b><![CDATA[<raw>]]></b> <c>&#x41;&lt;</c>\n</a>";
    expect(parseXml(text)).toEqual({
      ...el("a", {}, [el("b", {}, "<raw>"), el("c", {}, "A<")]),
      attributes: { x: "1\n2" },
    });
  });

  test.each(["", "just text", "<a/><b/>"])("refuses %j", (xml) => {
    expect(() => parseXml(xml)).toThrow(SyntaxError);
  });

  test.each([
    ["attribute", el("a", { x: "line\nbreak" })],
    ["text", el("a", {}, "\u0001")],
    ["name", el("a b")],
  ])("never writes what cannot be read back: %s", (_, element) => {
    expect(() => renderXml(element)).toThrow();
  });
});
