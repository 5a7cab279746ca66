import { randomBytes } from "node:crypto";
import { ProviderError, status, type UnaryHandler } from "@virtrigaud/kit";
import { flags } from "../client/index.ts";
import type { Host } from "../host.ts";
import { screenOf, unlocked } from "../mapping/screen.ts";
import { renderXml } from "../mapping/xml.ts";
import { whileRunning } from "../power.ts";
import { requireRunning } from "../running.ts";

const validMs = 2 * 60_000;
/** VNC passwords are 8 characters, which base64 makes of these. */
const passwordBytes = 6;

/**
 * The screen listens on the loopback of libvirtd's host; from elsewhere, `ssh -L PORT:127.0.0.1:PORT HOST` leads there. Other users of
 * that host can connect to it too, so VMs are made with a screen that takes no password. This gives it one for two minutes, which ends the ticket
 * before it; who is connected by then stays.
 */
export const getConsole =
  (host: Host): UnaryHandler<"getConsole"> =>
  async ({ uid }, { signal }) => {
    const { domain, live } = await requireRunning(host, uid, "opening the console", { signal });
    const screen = screenOf(live);
    if (screen === undefined) throw noScreen(domain.name);
    const { url, protocol, isLocked, device } = screen;
    if (!isLocked) return { url, ticket: "", protocol, expireTime: undefined };

    const ticket = randomBytes(passwordBytes).toString("base64url");
    const expireTime = new Date(Math.floor((Date.now() + validMs) / 1000) * 1000);
    const xml = renderXml(unlocked(device, ticket, expireTime));
    const { LIVE } = flags.DeviceModify;
    await whileRunning(`opening the console of VM ${domain.name}`, () =>
      host.libvirt.call("domainUpdateDeviceFlags", { domain, xml, flags: LIVE }, { signal }),
    );
    return { url, ticket, protocol, expireTime };
  };

const noScreen = (name: string): ProviderError =>
  new ProviderError({
    code: status.FAILED_PRECONDITION,
    reason: "NO_CONSOLE",
    message: `VM ${name} has no screen that listens on a port; add <graphics type='vnc' autoport='yes'/> to the domain and power it off and on`,
  });
