import type { Target } from "../uri.ts";
import type { OpenChannel } from "./channel.ts";
import { openSsh, type SshFiles } from "./ssh.ts";
import { openTls, type TlsFiles } from "./tls.ts";
import { openUnix } from "./unix.ts";

/** Files that stand in for those that the URI or libvirt's conventions name. */
export interface CredentialFiles {
  readonly ssh?: SshFiles | undefined;
  readonly tls?: TlsFiles | undefined;
}

/** The way to `target`. Does no I/O yet. */
export function channelTo(target: Target, files: CredentialFiles): OpenChannel {
  switch (target.transport) {
    case "unix":
      return openUnix(target);
    case "ssh":
      return openSsh(target, files.ssh ?? {});
    case "tls":
      return openTls(target, files.tls);
  }
}
