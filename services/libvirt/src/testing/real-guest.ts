import { setTimeout as sleep } from "node:timers/promises";
import { AgentError } from "@virtrigaud/kit/nesting-proof";
import { buildGuestImage, type PrivateLibvirtd } from "@virtrigaud/test-tools";
import type { Domain, Libvirt } from "../client/index.ts";
import { askAgent } from "../guest/agent.ts";

export interface RealGuestOptions {
  readonly name: string;
  /** Also the domain's UUID. */
  readonly uuid: string;
  /** Whether its processor has svm; emulated, so any machine can. */
  readonly nesting: boolean;
  /** XML of the domain's <metadata>, without the agent's channel or with a screen of another kind. */
  readonly metadata?: string;
  readonly channel?: string;
  readonly graphics?: string;
}

const agentsChannel = `<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>`;

/** Defines and starts a VM with the guest image of the test tools. Does not wait for its agent. */
export async function startRealGuest(
  libvirtd: PrivateLibvirtd,
  libvirt: Libvirt,
  { name, uuid, nesting, metadata = "", channel = agentsChannel, graphics = "" }: RealGuestOptions,
): Promise<Domain> {
  const { path } = await buildGuestImage({ firmware: "bios" });
  const disk = await libvirtd.addImage(path, `${name}.qcow2`);
  const xml = `<domain type="qemu">
    <name>${name}</name>
    <uuid>${uuid}</uuid>
    <metadata>${metadata}</metadata>
    <memory unit="MiB">384</memory>
    <vcpu>1</vcpu>
    <os><type arch="x86_64" machine="q35">hvm</type></os>
    <features><acpi/><apic/></features>
    <cpu mode="host-model" check="partial">
      <feature policy="${nesting ? "require" : "disable"}" name="svm"/>
    </cpu>
    <devices>
      <disk type="file" device="disk">
        <driver name="qemu" type="qcow2"/>
        <source file="${disk}"/>
        <target dev="vda" bus="virtio"/>
      </disk>
      ${channel}
      ${graphics}
    </devices>
  </domain>`;
  const { domain } = await libvirt.call("domainDefineXmlFlags", { xml });
  await libvirt.call("domainCreateWithFlags", { domain });
  return domain;
}

/** Waits until the agent of a guest answers. */
export async function agentUp(libvirt: Libvirt, domain: Domain): Promise<void> {
  const call = { signal: AbortSignal.timeout(60_000) };
  for (;;) {
    try {
      await askAgent(libvirt, domain, "guest-ping", {}, call);
      return;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      await sleep(100, undefined, call);
    }
  }
}
