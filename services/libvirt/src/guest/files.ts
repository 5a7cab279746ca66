import { AgentError, garbled, record } from "@virtrigaud/kit/nesting-proof";
import type { Call } from "../call.ts";
import type { Domain, Libvirt } from "../client/index.ts";
import { askAgent } from "./agent.ts";
import { textFrom } from "./base64.ts";

/** Enough for the first processor in /proc/cpuinfo and for every file of /sys. */
const maxBytes = 16 * 1024;

/** The beginning of a file in the guest, at most 16 KiB of it; undefined when there is none. @throws AgentError */
export async function guestReadFile(
  libvirt: Libvirt,
  domain: Domain,
  path: string,
  call: Call,
): Promise<string | undefined> {
  const read = async (handle: number) => {
    const answer = await askAgent(libvirt, domain, "guest-file-read", { handle, count: maxBytes }, call);
    return textFrom("guest-file-read", record(answer)?.["buf-b64"], maxBytes);
  };
  return withFile(libvirt, domain, path, call, read);
}

/** Whether a file in the guest opens; undefined when there is none. @throws AgentError */
export async function guestFileOpens(
  libvirt: Libvirt,
  domain: Domain,
  path: string,
  call: Call,
): Promise<boolean | undefined> {
  try {
    return await withFile(libvirt, domain, path, call, async () => true);
  } catch (error) {
    if (error instanceof AgentError && error.kind === "refused") return false;
    throw error;
  }
}

async function withFile<T>(
  libvirt: Libvirt,
  domain: Domain,
  path: string,
  call: Call,
  use: (handle: number) => Promise<T>,
): Promise<T | undefined> {
  const handle = await open(libvirt, domain, path, call);
  if (handle === undefined) return undefined;
  try {
    return await use(handle);
  } finally {
    await askAgent(libvirt, domain, "guest-file-close", { handle }, call);
  }
}

async function open(libvirt: Libvirt, domain: Domain, path: string, call: Call): Promise<number | undefined> {
  try {
    const handle = await askAgent(libvirt, domain, "guest-file-open", { path }, call);
    if (typeof handle !== "number") throw garbled("guest-file-open");
    return handle;
  } catch (error) {
    // strerror(ENOENT) as qemu-ga 2 to 10 pass it on, which is all that they say.
    const isMissing = error instanceof AgentError && error.message.endsWith("No such file or directory");
    if (error instanceof AgentError && error.kind === "refused" && isMissing) return undefined;
    throw error;
  }
}
