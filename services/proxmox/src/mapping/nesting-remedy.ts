import { CpuVendor } from "@virtrigaud/proto";
import type { Node } from "./inventory.ts";
import { cpuVirtualization, isVirtualNode } from "./nesting.ts";

/** What to do on a node that cannot give nested virtualization, step by step, in root's shell there. */
export function nestingRemedy(node: Node): string[] {
  if (node.cpuVendor === CpuVendor.OTHER) return ["use a node with an Intel, Zhaoxin, AMD or Hygon CPU"];
  const vendors = vendorsOf(node);
  const rights =
    node.cpuFlags === undefined
      ? [`let the provider see the node's CPU: give its token Sys.Audit on /nodes/${node.name}`]
      : [];
  return [...rights, ...firmwareSteps(node, vendors), ...vendors.flatMap(moduleSteps)];
}

type Vendor = "intel" | "amd";

/** Both where the node does not tell. */
function vendorsOf({ cpuVendor }: Node): Vendor[] {
  switch (cpuVendor) {
    case CpuVendor.INTEL:
    case CpuVendor.ZHAOXIN:
      return ["intel"];
    case CpuVendor.AMD:
    case CpuVendor.HYGON:
      return ["amd"];
    default:
      return ["intel", "amd"];
  }
}

function firmwareSteps(node: Node, vendors: readonly Vendor[]): string[] {
  if (cpuVirtualization(node) !== false) return [];
  if (isVirtualNode(node))
    return [
      `${node.name} is itself a VM: switch nested virtualization on for it in its own hypervisor (on Proxmox VE: qm set VMID --cpu host, then power it off and on)`,
    ];
  const names = vendors.map((vendor) => (vendor === "intel" ? "Intel VT-x" : "AMD-V (SVM)")).join(" or ");
  return [
    `switch on ${names} in the firmware setup of ${node.name}; check: grep -cwE 'vmx|svm' /proc/cpuinfo`,
  ];
}

function moduleSteps(vendor: Vendor): string[] {
  return [
    `echo 'options kvm-${vendor} nested=1' > /etc/modprobe.d/kvm-nested.conf`,
    `with all VMs of the node off: modprobe -r kvm_${vendor} && modprobe kvm_${vendor} (or reboot)`,
    `check: cat /sys/module/kvm_${vendor}/parameters/nested (Y or 1), then: systemctl restart pvestatd, which remembers the answer`,
  ];
}
