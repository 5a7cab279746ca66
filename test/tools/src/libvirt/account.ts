import { run } from "../go/run.ts";

/** Whom a private libvirtd runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export const root: Account = { name: "root", uid: 0, gid: 0 };

/**
 * The unprivileged account of this name. Without one: this process's own, but nobody's when that is root's, for root's
 * libvirtd is never of the session kind.
 */
export async function accountOf(name?: string): Promise<Account> {
  const wanted = name ?? (isRoot() ? "nobody" : String(process.getuid?.()));
  const id = async (flags: string) => (await run("id", [flags, wanted])).trim();
  const account = { name: await id("-un"), uid: Number(await id("-u")), gid: Number(await id("-g")) };
  if (account.uid === root.uid) throw new Error("a session libvirtd cannot be root's; name another user");
  if (!isRoot() && account.uid !== process.getuid?.()) {
    throw new Error(`only root can run libvirtd as ${account.name}`);
  }
  return account;
}

/** Spawn options that make a process the account's. Only root may set them, and only root needs to. */
export function asAccount({ uid, gid }: Account): { uid?: number; gid?: number } {
  return isRoot() ? { uid, gid } : {};
}

function isRoot(): boolean {
  return process.getuid?.() === root.uid;
}
