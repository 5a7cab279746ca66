import { once } from "node:events";

import { MissingHere } from "../debian/missing.ts";
import { buildGuestImage } from "./guest-image.ts";
import { startPrivateLibvirtd } from "./private-libvirtd.ts";

// A private libvirtd as a command: one line of JSON when it answers, its log on standard error; it ends, with all that
// it holds, on SIGINT, SIGTERM or the end of standard input. `--build` only installs what it needs, builds the guest
// images for tests and prints where they are.
const log = (message: string) => console.error(message);

async function prepare(): Promise<void> {
  await (await startPrivateLibvirtd({}, log)).stop();
  const [bios, uefi] = [
    await buildGuestImage({ firmware: "bios" }, log),
    await buildGuestImage({ firmware: "uefi" }, log),
  ];
  console.log(JSON.stringify({ bios: bios.path, uefi: uefi.path }));
}

async function serve(): Promise<void> {
  const ending = Promise.race([
    once(process.stdin, "end"),
    once(process, "SIGINT"),
    once(process, "SIGTERM"),
  ]);
  process.stdin.resume();
  const libvirtd = await startPrivateLibvirtd({}, log);
  const { uri, socket, pool, user, pid } = libvirtd;
  console.log(JSON.stringify({ uri, socket, pool, user, pid }));
  await ending;
  await libvirtd.stop();
}

try {
  await (process.argv.includes("--build") ? prepare() : serve());
} catch (error) {
  console.error(error instanceof MissingHere ? error.message : error);
  process.exitCode = 1;
}
process.stdin.destroy();
