import type { VMSpec } from "@virtrigaud/proto";
import type { HostFacts } from "./host-facts.ts";
import { enlightenments } from "./hyperv.ts";
import { el, type Element } from "./xml.ts";

/** Timers as QEMU's guests keep time best; Windows with VBS also gets Hyper-V's, which stimer rests on. */
export function clock(spec: VMSpec, host: HostFacts): Element {
  const isHyperv =
    spec.virtualizationBasedSecurity === true && host.accel === "kvm" && enlightenments(host).length > 0;
  return el("clock", { offset: "utc" }, [
    el("timer", { name: "rtc", tickpolicy: "catchup" }),
    el("timer", { name: "pit", tickpolicy: "delay" }),
    el("timer", { name: "hpet", present: "no" }),
    ...(isHyperv ? [el("timer", { name: "hypervclock", present: "yes" })] : []),
  ]);
}
