const SYSTEM_SOCKET = "/var/run/libvirt/libvirt-sock";

/**
 * What to run on the host, in whatever shell the user has there: libvirt's own helper, or nc to the socket where the
 * helper is missing (before libvirt 6.8) or the socket is named. Some kinds of nc outlive their input, and would stay
 * behind on the host, unless told -q 0.
 */
export function helperCommand(name: string, socket: string | undefined): string {
  const nc =
    `case "$(nc -h 2>&1)" in *-q*) exec nc -q 0 -U ${inner(socket ?? SYSTEM_SOCKET)};; ` +
    `*) exec nc -U ${inner(socket ?? SYSTEM_SOCKET)};; esac`;
  if (socket !== undefined) return `sh -c ${outer(nc)}`;
  const helper = `exec virt-ssh-helper ${inner(name)}`;
  // Only on the host it is known where a user's own daemon listens.
  if (!name.endsWith("/system")) return `sh -c ${outer(helper)}`;
  return `sh -c ${outer(`if command -v virt-ssh-helper >/dev/null 2>&1; then ${helper}; fi; ${nc}`)}`;
}

/** For the sh that runs it: double quotes, because the login shell's quotes around all of it are single ones. */
function inner(value: string): string {
  return `"${value.replaceAll(/["$`\\]/g, "\\$&")}"`;
}

/** For the login shell, which may be any. */
function outer(script: string): string {
  return `'${script.replaceAll("'", `'\\''`)}'`;
}
