import { once } from "node:events";

import { MissingHere } from "../debian/missing.ts";
import { buildGuestImage, type GuestImage } from "./guest-image.ts";
import type { Firmware } from "./image/boot-disk.ts";
import { startPrivateLibvirtd } from "./private-libvirtd.ts";

// A private libvirtd as a command: one line of JSON when it answers, its log on standard error; it ends, with all that
// it holds, on SIGINT, SIGTERM or the end of standard input. With `--guest-images` its pool holds the test guest, once
// for each firmware, and the line says where. `--build` only installs what it needs, builds those and prints where they are.
const log = (message: string) => console.error(message);

async function prepare(): Promise<void> {
  await (await startPrivateLibvirtd({}, log)).stop();
  console.log(JSON.stringify(await guestImages(async ({ path }) => path)));
}

/** What becomes of the image for each firmware. */
async function guestImages(use: (image: GuestImage, firmware: Firmware) => Promise<string>) {
  const one = async (firmware: Firmware) => use(await buildGuestImage({ firmware }, log), firmware);
  return { bios: await one("bios"), uefi: await one("uefi") };
}

async function serve(): Promise<void> {
  const ending = Promise.race([
    once(process.stdin, "end"),
    once(process, "SIGINT"),
    once(process, "SIGTERM"),
  ]);
  process.stdin.resume();
  const libvirtd = await startPrivateLibvirtd({}, log);
  try {
    const { uri, socket, pool, user, pid } = libvirtd;
    const images = process.argv.includes("--guest-images")
      ? await guestImages(({ path }, firmware) => libvirtd.addImage(path, `test-guest-${firmware}.qcow2`))
      : undefined;
    console.log(JSON.stringify({ uri, socket, pool, user, pid, images }));
    await ending;
  } finally {
    await libvirtd.stop();
  }
}

try {
  await (process.argv.includes("--build") ? prepare() : serve());
} catch (error) {
  console.error(error instanceof MissingHere ? error.message : error);
  process.exitCode = 1;
}
process.stdin.destroy();
