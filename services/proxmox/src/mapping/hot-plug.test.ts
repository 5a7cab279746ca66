import { describe, expect, test } from "@jest/globals";
import { isSameOption } from "./canonical.ts";
import { actsAtOnce } from "./hot-plug.ts";
import type { VmConfig } from "./vm-config.ts";

const disk = "local:v,discard=on,size=1G";
const card = "virtio=BC:24:11:00:00:01,bridge=vmbr0";

describe("a running VM takes a change at once", () => {
  test.each<[option: string, wanted: string | undefined, current: VmConfig, answer: boolean]>([
    ["tags", "a", {}, true],
    ["cpuunits", "50", {}, true],
    ["cpulimit", undefined, { cpulimit: "2" }, true],
    ["cores", "4", {}, false],
    ["cpu", "host", {}, false],
    ["agent", "1", {}, false],
    ["vcpus", "2", { cores: 4 }, false],
    ["vcpus", "4", { cores: 2, sockets: 2, hotplug: "cpu" }, true],
    ["vcpus", "5", { cores: 2, sockets: 2, hotplug: "cpu" }, false],
    ["vcpus", undefined, { cores: 4, hotplug: "cpu" }, true],
    ["memory", "4096", { memory: "2048" }, false],
    ["memory", "4096", { memory: "2048", hotplug: "memory" }, true],
    ["memory", "1024", { memory: "2048", hotplug: "memory" }, false],
    ["balloon", "512", { balloon: 1024 }, true],
    ["balloon", "512", {}, true],
    ["balloon", "0", { balloon: 1024 }, false],
    ["balloon", "512", { balloon: 0 }, false],
    ["balloon", undefined, { balloon: 0 }, false],
    ["balloon", undefined, { balloon: 512 }, true],
    ["hotplug", "network,disk", { hotplug: "network" }, true],
    ["hotplug", "network,cpu", { hotplug: "network" }, false],
    ["hotplug", "network", { hotplug: "memory" }, false],
    ["net1", card, {}, true],
    ["net1", card, { hotplug: "disk" }, false],
    ["net0", undefined, { net0: card, hotplug: "disk" }, false],
    ["net0", `${card},tag=5,firewall=1`, { net0: card, hotplug: "0" }, true],
    ["net0", `${card},mtu=1400`, { net0: card, hotplug: "0" }, false],
    ["net0", "e1000=BC:24:11:00:00:01,bridge=vmbr0", { net0: card, hotplug: "0" }, false],
    ["scsi1", "local:1", {}, true],
    ["scsi1", "local:1", { hotplug: "network" }, false],
    ["virtio0", undefined, { virtio0: disk }, true],
    ["sata0", "local:1", {}, false],
    ["scsi0", `${disk},iops=5`, { scsi0: disk, hotplug: "0" }, true],
    ["scsi0", "local:v,size=1G", { scsi0: disk }, false],
    ["scsi0", `${disk},cache=none`, { scsi0: disk }, false],
    ["efidisk0", undefined, { efidisk0: "local:v" }, false],
  ])("%s → %s with %j: %s", (option, wanted, current, answer) => {
    expect(actsAtOnce(option, wanted, current)).toBe(answer);
  });
});

describe("values of an option that mean the same", () => {
  test.each<
    [option: string, a: string | number | undefined, b: string | number | undefined, answer: boolean]
  >([
    ["cores", 4, "4", true],
    ["cpulimit", 1.5, "1.50", true],
    ["cpulimit", 1.5, "1.6", false],
    ["balloon", 0, undefined, false],
    ["hotplug", "disk,network,usb", "1", true],
    ["hotplug", "disk,network", "network,disk", true],
    ["hotplug", "disk", "network,disk", false],
    ["agent", "1", "enabled=1", true],
    ["cpu", "cputype=host,hidden=1", "host,hidden=1", true],
    ["cpu", "host", "host,flags=+pcid", false],
    ["machine", "type=q35,viommu=intel", "q35,viommu=intel", true],
    ["tags", "a;b", "b,a", true],
    ["net0", "model=virtio,macaddr=bc:24:11:00:00:01", "virtio=BC:24:11:00:00:01", true],
    ["net0", card, card.replace("vmbr0", "vmbr1"), false],
    ["scsi0", "local:v,size=1024M,discard=on", disk, true],
    ["ostype", "l26", "win11", false],
    ["name", undefined, undefined, true],
  ])("%s: %s and %s: %s", (option, a, b, answer) => {
    expect(isSameOption(option, a, b)).toBe(answer);
  });
});
