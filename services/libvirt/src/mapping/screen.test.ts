import { describe, expect, test } from "@jest/globals";
import { screenOf, unlocked } from "./screen.ts";
import { parseXml, renderXml } from "./xml.ts";

const domain = (graphics: string) => parseXml(`<domain><devices>${graphics}</devices></domain>`);
const vnc = `<graphics type="vnc" port="5901" autoport="yes" listen="127.0.0.1" passwdValidTo="1970-01-01T00:00:01"><listen type="address" address="127.0.0.1"/></graphics>`;

describe("the screen of a running domain", () => {
  test.each<[string, string, [string, string, boolean] | undefined]>([
    ["ours", vnc, ["vnc", "vnc://127.0.0.1:5901", true]],
    [
      "somebody else's, open to all",
      `<graphics type="vnc" port="5900" listen="0.0.0.0"/>`,
      ["vnc", "vnc://127.0.0.1:5900", false],
    ],
    [
      "at an address",
      `<graphics type="vnc" port="5900"><listen type="address" address="192.0.2.7"/></graphics>`,
      ["vnc", "vnc://192.0.2.7:5900", false],
    ],
    [
      "at an address of IPv6",
      `<graphics type="spice" port="5930" listen="2001:db8::7"/>`,
      ["spice", "spice://[2001:db8::7]:5930", false],
    ],
    [
      "the first with a port",
      `<graphics type="vnc" socket="/run/x"/><graphics type="sdl"/><graphics type="spice" port="-1"/><graphics type="spice" port="5930"/>`,
      ["spice", "spice://127.0.0.1:5930", false],
    ],
    ["none", "", undefined],
  ])("%s", (_, graphics, expected) => {
    const screen = screenOf(domain(graphics));
    expect(screen && [screen.protocol, screen.url, screen.isLocked]).toEqual(expected);
  });

  test("takes a password, and is the same otherwise", () => {
    const { device } = screenOf(domain(vnc)) ?? {};
    const xml = device && renderXml(unlocked(device, "a-b_c1D2", new Date("2026-01-02T03:04:05.678Z")));
    expect(xml).toBe(
      [
        `<graphics type="vnc" port="5901" autoport="yes" listen="127.0.0.1" passwdValidTo="2026-01-02T03:04:05" passwd="a-b_c1D2">`,
        `  <listen type="address" address="127.0.0.1"/>`,
        "</graphics>",
      ].join("\n"),
    );
  });
});
