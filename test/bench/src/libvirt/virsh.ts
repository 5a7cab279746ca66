import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs one virsh command, as a script does, and answers what it prints. */
export async function virsh(uri: string, ...args: string[]): Promise<string> {
  // Where the daemon does not answer, virsh would start one of the user's own and talk to that.
  const env = { ...process.env, LIBVIRT_AUTOSTART: "0" };
  return (await run("virsh", ["--connect", uri, "--quiet", ...args], { env })).stdout;
}
