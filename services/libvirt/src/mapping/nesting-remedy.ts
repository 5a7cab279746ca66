import { untold } from "./domain-capabilities.ts";
import { isVirtualHost } from "./host-level.ts";
import type { HostFacts } from "./host-facts.ts";
import { moduleSwitch, nestedFeature } from "./nesting.ts";

/** What to do on a host that cannot give nested virtualization, step by step. */
export function nestingRemedy(facts: HostFacts): string[] {
  if (facts.domain.arch !== "x86_64") return ["use an x86_64 host: vmx and svm exist nowhere else"];
  if (facts.accel === "tcg")
    return [
      "use a QEMU whose TCG emulates AMD SVM (5.0 and later), or a host with KVM: Provider.spec.accel: kvm",
    ];
  if (moduleSwitch(facts) === true)
    return [
      "KVM has nesting on, but libvirt still remembers it off: systemctl restart libvirtd (or virtqemud), and if that is not enough remove /var/cache/libvirt/qemu/capabilities/ first",
    ];
  const feature = nestedFeature(facts);
  if (feature === undefined) return ["use a host with an Intel, Zhaoxin, AMD or Hygon CPU"];
  return [...firmwareSteps(facts, feature), ...moduleSteps(feature)];
}

/** What to do where the host's own CPU shows no virtualization extensions, whatever CPU its VMs are given. */
export function hardwareRemedy(facts: HostFacts): string[] {
  const feature = nestedFeature({ ...facts, accel: "kvm", domain: untold(facts.host.arch) });
  return feature === undefined ? [] : firmwareSteps(facts, feature);
}

function firmwareSteps(facts: HostFacts, feature: string): string[] {
  if (facts.readings.cpuFlags?.has(feature) || facts.host.cpuFeatures.has(feature)) return [];
  const name = feature === "vmx" ? "Intel VT-x" : "AMD-V (SVM)";
  return isVirtualHost(facts)
    ? [
        `this host is itself a VM: have its own hypervisor pass ${feature} on to it (nested virtualization there)`,
      ]
    : [`switch on ${name} in the host's firmware setup; check: grep -cw ${feature} /proc/cpuinfo`];
}

/** The same on Debian, Ubuntu and RHEL: the module's option, a reload with no VM running, and the check. */
function moduleSteps(feature: string): string[] {
  const module = feature === "vmx" ? "intel" : "amd";
  return [
    `echo 'options kvm-${module} nested=1' | sudo tee /etc/modprobe.d/kvm-nested.conf`,
    `with all VMs off: sudo modprobe -r kvm_${module} && sudo modprobe kvm_${module}`,
    `check: cat /sys/module/kvm_${module}/parameters/nested (Y or 1); libvirt notices by itself`,
  ];
}
