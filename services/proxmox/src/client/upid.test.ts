import { describe, expect, test } from "@jest/globals";
import { parseUpid, type Upid } from "./upid.ts";

const startedAt = new Date("2026-11-20T09:39:31Z");

describe("a UPID", () => {
  test.each<[string, Omit<Upid, "text">]>([
    [
      "UPID:pve1:00006D3B:0007C4A6:6B001553:qmcreate:901:root@pam!test:",
      { node: "pve1", type: "qmcreate", id: "901", vmid: 901, user: "root@pam!test", startedAt },
    ],
    [
      "UPID:pve-2:000070E9:10007E020:6B001553:download:x.qcow2:user@ldap:",
      { node: "pve-2", type: "download", id: "x.qcow2", vmid: undefined, user: "user@ldap", startedAt },
    ],
    [
      "UPID:pve1:00000001:00000001:6B001553:startall::root@pam:",
      { node: "pve1", type: "startall", id: "", vmid: undefined, user: "root@pam", startedAt },
    ],
  ])("%s", (text, parts) => {
    expect(parseUpid(text)).toEqual({ text, ...parts });
  });

  test.each([
    "",
    "garbage",
    "UPID:pve1:1:1:1:qmstart:1:root@pam:",
    "UPID:a/b:00000001:00000001:00000001:t::u:",
    "UPID:pve1:00000001:00000001:00000001:qmstart:1:root@pam",
  ])("is not %j", (text) => {
    expect(parseUpid(text)).toBeUndefined();
  });
});
