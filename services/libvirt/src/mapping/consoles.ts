import type { HostFacts } from "./host-facts.ts";
import { el, type Element } from "./xml.ts";

/** Name of the channel that qemu-guest-agent listens on. */
export const agentChannel = "org.qemu.guest_agent.0";

/** Ways into the guest that every VM has: serial console, agent, screen; and entropy. No sound card. */
export function consoles(host: HostFacts): Element[] {
  return [
    el("serial", { type: "pty" }),
    el("console", { type: "pty" }, [el("target", { type: "serial", port: 0 })]),
    el("channel", { type: "unix" }, [el("target", { type: "virtio", name: agentChannel })]),
    ...screen(host),
    el("rng", { model: "virtio" }, [el("backend", { model: "random" }, "/dev/urandom")]),
    el("memballoon", { model: "virtio" }),
  ];
}

/** A password that ceased to work long ago, which is no secret: QEMU takes another while it runs only where it began with one. */
const locked = { passwd: "locked", passwdValidTo: "1970-01-01T00:00:01" } as const;

/** On the host's loopback only, and locked: whoever wants the screen goes through the provider. */
function screen({ domain }: HostFacts): Element[] {
  const types = domain.graphics ?? ["vnc"];
  const type = ["vnc", "spice"].find((one) => types.includes(one));
  if (type === undefined) return [];
  const model = ["vga", "virtio", "qxl"].find((one) => (domain.videoModels ?? ["vga"]).includes(one));
  const listen = el("listen", { type: "address", address: "127.0.0.1" });
  return [
    el("graphics", { type, autoport: "yes", ...locked }, [listen]),
    el("video", {}, [el("model", { type: model ?? "vga" })]),
  ];
}
