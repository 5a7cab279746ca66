import { describe, expect, test } from "@jest/globals";
import { readMarker, readTags, requestedSpec } from "./metadata.ts";
import { decodeName, diskOfVolume, encodeName, isPlainPath } from "./names.ts";
import { VMSpec } from "@virtrigaud/proto";
import { marker, plan, spec, ubuntu, uid } from "./testing/sample-plan.ts";
import { all, type Element, first, parseXml, renderXml, textOf } from "./xml.ts";

/** Texts that mean something to XML, a shell, a file system, QEMU's command line or YAML. */
const corpus = [
  "</name><devices><hostdev mode='subsystem'/></devices><name>",
  "<!--",
  "]]>",
  "<![CDATA[x",
  "<?xml?>",
  "&lt;b&gt;",
  "&#10;",
  "&xxe;",
  "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
  "$(reboot)",
  "`id`",
  "; rm -rf / #",
  "| cat",
  "a b",
  "'\"",
  "\\",
  "%00",
  "%s%n",
  "../../etc/passwd",
  "..",
  ".",
  "/etc/shadow",
  "-drive",
  "--help",
  "~root",
  "x,file=/etc/shadow",
  "json:{}",
  "nbd://evil",
  "{a: b}",
  "- x",
  "é😀",
  "a".repeat(60),
  "constructor",
  "__proto__",
  "toString",
];

/** The names of all elements, in order: what an injection would change. */
const shape = (element: Element): unknown[] => [element.name, ...element.children.map(shape)];

describe.each(corpus)("%j", (text) => {
  const asked = {
    name: text,
    tags: [text, text],
    disks: [{ name: text, sizeBytes: 1024 ** 3 }],
    networkInterfaces: [{ name: text, libvirt: { bridge: text } }],
    cloudInit: { userData: text, metaData: { note: text } },
    image: { name: text, libvirt: { path: ubuntu.path } },
  };
  const canonicalSpec = JSON.stringify(VMSpec.toJSON(spec(asked)));
  const planned = plan(asked, { image: ubuntu, marker: { ...marker, controllerId: text, canonicalSpec } });
  const harmless = plan({ ...asked, name: "a", tags: ["a", "b"] }, { image: ubuntu });

  test("is text and nothing else", () => {
    expect(planned.violations).toEqual([]);
    const parsed = parseXml(planned.plan?.domainXml ?? "");
    expect(shape(parsed)).toEqual(shape(harmless.domain));
    expect(textOf(parsed, "name")).toBe(text);
    expect(readTags(parsed)).toEqual([text, text]);
    expect(first(parsed, "devices", "interface", "source")?.attributes).toEqual({ bridge: text });
    expect(readMarker(parsed)).toEqual({ ...marker, controllerId: text, canonicalSpec });
    expect(requestedSpec(readMarker(parsed))).toEqual(spec(asked));
  });

  test("stays in its pool and comes back as the disk's name", () => {
    const [volume] = planned.plan?.volumes ?? [];
    expect(volume?.path).toMatch(new RegExp(`^/var/lib/libvirt/images/${uid}-[A-Za-z0-9_-]*\\.qcow2$`));
    expect(diskOfVolume(uid, volume?.path ?? "")).toBe(text);
    const xml = parseXml(volume?.xml ?? "");
    expect([textOf(xml, "name"), all(xml, "name")]).toEqual([volume?.name, [expect.anything()]]);
    expect(planned.plan?.seed?.path).toBe(`/var/lib/libvirt/images/${uid}-seed.iso`);
  });

  test("is a string in the seed's metadata", () => {
    const files = planned.plan?.seed?.files ?? {};
    expect(JSON.parse(files["meta-data"] ?? "")).toEqual({
      "local-hostname": text,
      note: text,
      "instance-id": uid,
    });
  });

  test("names no storage that is not there", () => {
    const { plan: made, violations } = plan({ disks: [{ name: "root", sizeBytes: 1, storageClass: text }] });
    expect(made).toBeUndefined();
    expect(violations.map(({ reason }) => reason)).toEqual(["STORAGE_CLASS_UNKNOWN"]);
  });
});

test.each(["a\u0000b", "a\nb", "a\u001bb", "a\u0085b", "\ud800", "\uffff"])(
  "%j is refused where it stands",
  (text) => {
    const { plan: made, violations } = plan({
      name: text,
      tags: ["ok", text],
      disks: [{ name: "root", sizeBytes: 1024 ** 3, storageClass: text }],
    });
    expect(made).toBeUndefined();
    const fields = violations.filter(({ reason }) => reason === "INVALID_TEXT").map(({ field }) => field);
    expect(fields).toEqual(["spec.name", "spec.disks[0].storage_class", "spec.tags[1]"]);
  },
);

test("a canonical spec survives with characters that XML has none of", () => {
  const canonicalSpec = JSON.stringify({ name: "a\u0001\ufffe\u0085\ud800", tags: ["&#10;"] });
  const { domain } = plan({}, { marker: { ...marker, canonicalSpec } });
  const read = readMarker(parseXml(renderXml(domain)));
  expect(JSON.parse(read?.canonicalSpec ?? "")).toEqual(JSON.parse(canonicalSpec));
});

describe("names", () => {
  test.each(corpus)("%j", (text) => {
    expect(encodeName(text)).toMatch(/^[A-Za-z0-9_-]*$/);
    expect(decodeName(encodeName(text))).toBe(text);
  });

  test("two names never share a file", () => {
    expect(new Set(["a b", "a-b", "a_b", "a_20b", "A b", "a.b"].map(encodeName)).size).toBe(6);
  });

  test.each([
    ["/srv/a.img", true],
    ["/srv/my image.img", true],
    ["srv/a.img", false],
    ["/srv//a", false],
    ["/srv/./a", false],
    ["/srv/../a", false],
    ["/srv/a/", false],
    ["/", false],
    ["/a\nb", false],
  ])("path %j", (path, isPlain) => {
    expect(isPlainPath(path)).toBe(isPlain);
  });
});

test("a marker is found by its namespace, whatever the prefix", () => {
  const xml = `<domain><metadata><x:y xmlns:x="urn:other" uid="1"/><v:vm xmlns:v="https://virtrigaud.io/libvirt/1" uid="u" fingerprint="f" controller="c"><v:tag>t</v:tag><v:spec>{</v:spec></v:vm></metadata></domain>`;
  const domain = parseXml(xml);
  expect(readMarker(domain)).toEqual({
    uid: "u",
    specFingerprint: "f",
    controllerId: "c",
    canonicalSpec: "{",
  });
  expect(readTags(domain)).toEqual(["t"]);
  expect(requestedSpec(readMarker(domain))).toBeUndefined();
  expect(readMarker(parseXml("<domain><metadata/></domain>"))).toBeUndefined();
});
