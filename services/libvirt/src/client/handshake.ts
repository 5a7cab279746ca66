import { sessionProcedures } from "../protocol/procedures/connection.ts";
import { LibvirtAuthError } from "./errors.ts";
import type { Link } from "./link.ts";

const AUTH_NONE = 0;
const AUTH_POLKIT = 2;

/** libvirt's number for "does the server speak keepalive"; asking also makes it start. */
const FEATURE_KEEP_ALIVE = 10;

export interface HandshakeOptions {
  /** What to open: "qemu:///system". */
  readonly name: string;
  /** Watch the connection for silence, asking after this many milliseconds; "off" where silence is normal. */
  readonly keepAliveMs?: number | "off" | undefined;
}

/** Makes a new connection ready for calls. Rejects with LibvirtAuthError, or as calls do. */
export async function shakeHands(link: Link, { name, keepAliveMs }: HandshakeOptions): Promise<void> {
  await authenticate(link);
  if (keepAliveMs !== "off") {
    const feature = { feature: FEATURE_KEEP_ALIVE };
    const { supported } = await link.call(
      "connectSupportsFeature",
      sessionProcedures.connectSupportsFeature,
      feature,
    );
    if (supported) link.startKeepAlive(keepAliveMs);
  }
  await link.call("connectOpen", sessionProcedures.connectOpen, { name });
}

async function authenticate(link: Link): Promise<void> {
  const { types } = await link.call("authList", sessionProcedures.authList, {});
  if (types.length === 0 || types.includes(AUTH_NONE)) return;
  if (!types.includes(AUTH_POLKIT)) {
    throw new LibvirtAuthError(
      "libvirtd asks for a SASL login, which this client does not have: connect over ssh, or over TLS with " +
        'auth_tls = "none" in libvirtd.conf, where certificates are the login',
    );
  }
  await link.call("authPolkit", sessionProcedures.authPolkit, {});
}
