import { expect, test } from "@jest/globals";
import { testdata } from "../mapping/testing/testdata.ts";
import { parseXml } from "../mapping/xml.ts";
import { Journal } from "./journal.ts";
import { foundOf, type Seen } from "./known.ts";
import { latest } from "./latest.ts";
import { pack, unpack } from "./packed-xml.ts";
import { Picture } from "./picture.ts";
import { cpuSet } from "./pinned-cpus.ts";

const disk = "<disk type='file' device='disk'><source file='/a'/><target dev='vda'/></disk>";
const withDisk = (name: string) => parseXml(testdata(name).replace("<devices>", `<devices>${disk}`));
const stored = withDisk("stored-libvirt9.xml");
const live = withDisk("live-libvirt9.xml");
const uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
const running = { state: 1, live, hasManagedSave: false };
const off = { state: 5, live: undefined, hasManagedSave: false };
const agent = [{ name: "eth0", mac: "52:54:00:00:00:01", addresses: ["192.0.2.1"] }];
const volumes = [{ path: "/a", pool: "default" }];

const pictureOf = (...looks: Omit<Seen, "uuid">[]): Picture => {
  const picture = new Picture();
  for (const seen of looks) picture.see({ uuid, ...seen });
  return picture;
};

test.each(["stored-libvirt9.xml", "live-libvirt9.xml", "domain-vbs-intel.xml", "domain-devices.xml"])(
  "packing keeps every part of %s",
  (name) => {
    const xml = parseXml(testdata(name));
    expect(unpack(pack(xml))).toEqual(xml);
    expect(pack(parseXml(testdata(name))).equals(pack(xml))).toBe(true);
    expect(pack(xml).buffer.byteLength).toBeLessThanOrEqual(8192);
  },
);

test("what is known is what was seen", () => {
  const picture = pictureOf({ at: 1, stored, run: running, reports: { agent }, volumes });
  const known = picture.get(uuid);
  expect(known?.domain).toEqual({ uuid, name: "nested-1", id: Number(live.attributes.id) });
  expect(known && foundOf(known)).toEqual({
    ...{ domain: known?.domain, stored, live, state: 1, hasManagedSave: false },
    ...{ volumes, stats: new Map(), reports: { agent }, interfaces: agent },
  });
});

test.each<
  [string, Omit<Seen, "uuid">[], { revision: number; state?: number; reports?: object; volumes?: object }]
>([
  ["half a domain is none", [{ at: 1, run: off }], { revision: 0 }],
  [
    "the same again is no change",
    [
      { at: 1, stored, run: off },
      { at: 2, stored, run: off },
    ],
    { revision: 1, state: 5 },
  ],
  [
    "an older look does not count",
    [
      { at: 2, stored, run: running },
      { at: 1, run: off },
    ],
    { revision: 1, state: 1 },
  ],
  [
    "nor does an older look at what is stored",
    [
      { at: 2, stored, run: off },
      { at: 1, stored: parseXml(testdata("domain-devices.xml")) },
    ],
    { revision: 1, state: 5 },
  ],
  [
    "a newer look at one part does",
    [
      { at: 2, stored, run: running },
      { at: 3, run: off },
    ],
    { revision: 2, state: 5 },
  ],
  [
    "a state alone keeps what runs",
    [
      { at: 1, stored, run: running },
      { at: 2, run: { state: 3, live: "as before", hasManagedSave: false } },
    ],
    { revision: 2, state: 3 },
  ],
  [
    "a source that does not tell leaves what it told",
    [
      { at: 1, stored, run: running, reports: { agent } },
      { at: 2, reports: { agent: undefined, arp: [] } },
    ],
    { revision: 2, state: 1, reports: { agent, arp: [] } },
  ],
  [
    "what a guest told ends with its run",
    [
      { at: 1, stored, run: running, reports: { agent } },
      { at: 2, run: off },
    ],
    { revision: 2, state: 5, reports: {} },
  ],
  [
    "volumes that nobody had read are no news",
    [
      { at: 1, stored, run: off },
      { at: 2, volumes },
    ],
    { revision: 1, state: 5, volumes },
  ],
  [
    "volumes that changed are",
    [
      { at: 1, stored, run: off, volumes: [] },
      { at: 2, volumes },
    ],
    { revision: 2, state: 5, volumes },
  ],
  [
    "a start does not make volumes others",
    [
      { at: 1, stored, run: off, volumes },
      { at: 2, run: running },
    ],
    { revision: 2, state: 1, volumes },
  ],
  [
    "another file does",
    [
      { at: 1, stored, run: off, volumes },
      { at: 2, stored: parseXml(testdata("domain-devices.xml")) },
    ],
    { revision: 2, state: 5 },
  ],
])("%s", (_, looks, expected) => {
  const picture = pictureOf(...looks);
  const known = picture.get(uuid);
  expect({
    revision: picture.journal.revision,
    state: known?.run.state,
    reports: known?.reports,
    volumes: known?.volumes,
  }).toEqual({
    ...{ state: undefined, reports: known && {}, volumes: undefined },
    ...expected,
  });
});

test("the journal forgets, and says so", () => {
  const journal = new Journal(10);
  const revisions = (since: number) => journal.since(since)?.map(({ revision }) => revision);
  expect(revisions(0)).toEqual([]);
  for (let i = 0; i < 21; i++) journal.record({ id: "a", name: "a", ownerBefore: undefined });
  expect(revisions(21)).toEqual([]);
  expect(revisions(19)).toEqual([20, 21]);
  expect(revisions(11)?.length).toBe(10);
  expect([revisions(10), revisions(22), revisions(Number.NaN)]).toEqual([undefined, undefined, undefined]);
});

test("the latest change of each VM, in order, with the owner that it had", () => {
  const owner = { uid: "u", specFingerprint: "f", controllerId: "c" };
  const change = (revision: number, id: string, ownerBefore?: typeof owner) => ({
    revision,
    id,
    name: id,
    ownerBefore,
  });
  expect(latest([change(1, "a", owner), change(2, "b"), change(3, "a")])).toEqual([
    change(2, "b"),
    change(3, "a", owner),
  ]);
});

test.each([
  ["3", [3]],
  ["0-2,8", [0, 1, 2, 8]],
  ["0-3,^2", [0, 1, 3]],
  ["", []],
])("host CPUs %j", (text, cpus) => {
  expect(cpuSet(text)).toEqual(cpus);
});
