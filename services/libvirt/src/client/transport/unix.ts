import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../uri.ts";
import { type OpenChannel, socketChannel } from "./channel.ts";
import { openSocket } from "./open-socket.ts";

type UnixTarget = Extract<Target, { transport: "unix" }>;

/** Connects to a daemon of this machine. The socket is looked for anew each time: daemons come and go. */
export function openUnix(target: UnixTarget, env: NodeJS.ProcessEnv = process.env): OpenChannel {
  return async (signal) => {
    const path = target.socket ?? (await firstPresent(candidateSockets(target, env)));
    return socketChannel(await openSocket({ path }, `${target.name} at ${path}`, signal));
  };
}

/** Where the driver's own daemon listens, and the one for all drivers, in libvirt's order of preference. */
export function candidateSockets({ name, driver }: UnixTarget, env: NodeJS.ProcessEnv): string[] {
  const folder = name.endsWith(":///session") ? sessionFolder(env) : "/run/libvirt";
  return [join(folder, `virt${driver}d-sock`), join(folder, "libvirt-sock")];
}

function sessionFolder(env: NodeJS.ProcessEnv): string {
  const runtime = env["XDG_RUNTIME_DIR"] ?? join(env["HOME"] ?? "/", ".cache");
  return join(runtime, "libvirt");
}

/** The last one if there is none: then the error names it. */
async function firstPresent(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return paths.at(-1) as string;
}
