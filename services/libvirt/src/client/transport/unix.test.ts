import { expect, test } from "@jest/globals";
import { LibvirtUnreachable } from "../errors.ts";
import { connectLibvirt } from "../libvirt.ts";
import { candidateSockets } from "./unix.ts";

test.each([
  ["qemu:///system", {}, ["/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock"]],
  [
    "qemu:///session",
    { XDG_RUNTIME_DIR: "/run/user/7", HOME: "/h" },
    ["/run/user/7/libvirt/virtqemud-sock", "/run/user/7/libvirt/libvirt-sock"],
  ],
  ["qemu:///session", { HOME: "/h" }, ["/h/.cache/libvirt/virtqemud-sock", "/h/.cache/libvirt/libvirt-sock"]],
])("where %s may listen", (name, env, paths) => {
  expect(candidateSockets({ transport: "unix", name, driver: "qemu" }, env)).toEqual(paths);
});

test("nobody listens", async () => {
  const failure = connectLibvirt({ uri: "qemu+unix:///system?socket=/nowhere/sock" });
  await expect(failure).rejects.toBeInstanceOf(LibvirtUnreachable);
  await expect(failure).rejects.toMatchObject({
    sent: "no",
    message: "qemu:///system at /nowhere/sock: connect ENOENT /nowhere/sock",
  });
});
