import { l2Proof } from "./linux-verdict.ts";

/** How long a kernel may take to load KVM once its guest's agent answers, and a virtual machine to run, in seconds. */
const [loadSeconds, runSeconds] = [5, 10];

/**
 * What a Linux guest says about itself, in lines of name=value. For any POSIX shell, busybox's included; it changes nothing in the guest and
 * ends by itself. KVM is loaded by the guest's device manager, maybe after the agent was started, so it gets a few seconds to appear.
 */
export const linuxScript = `
LC_ALL=C; export LC_ALL
say() { printf '%s=%s\\n' "$1" "$2"; }

flags=$(sed -n '/^flags/{p;q;}' /proc/cpuinfo)
left=0
case " $flags " in
  "  ") cpu=unknown ;;
  *" vmx "*) cpu=vmx left=${loadSeconds} ;;
  *" svm "*) cpu=svm left=${loadSeconds} ;;
  *) cpu=none ;;
esac
say cpu "$cpu"
case " $flags " in *" hypervisor "*) say hypervisor yes ;; esac

while [ ! -e /dev/kvm ] && [ "$left" -gt 0 ]; do
  sleep 1
  left=$((left - 1))
done
if [ -c /dev/kvm ]; then
  set -- $(ls -ln /dev/kvm)
  say kvm "character \${5%,}:$6"
elif [ -e /dev/kvm ]; then
  say kvm other
else
  say kvm missing
fi
if (exec 3</dev/kvm) 2>/dev/null; then say kvm_opens yes; else say kvm_opens no; fi
[ -r /sys/class/misc/kvm/dev ] && say kvm_registered "$(cat /sys/class/misc/kvm/dev)"

for module in kvm_intel kvm_amd; do
  [ -d /sys/module/$module ] || continue
  say module $module
  [ -r /sys/module/$module/parameters/nested ] && say nested "$(cat /sys/module/$module/parameters/nested)"
done

if [ -c /dev/kvm ] && [ -x ${l2Proof} ]; then
  said=$(timeout ${runSeconds} ${l2Proof} 2>&1)
  say l2_exit $?
  say l2_said "$(printf %s "$said" | head -n 1)"
fi
say end yes
`;
