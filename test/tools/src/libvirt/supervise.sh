#!/bin/sh
# usage: supervise.sh DIRECTORY COMMAND...
# Starts COMMAND, a libvirtd that lives in DIRECTORY, for each line of standard input, and writes its process id. When
# the input ends, by intention or because the process that held it died, leaves nothing: ends the daemon and whatever it
# started, removes their cgroups and the directory.
directory=$1
shift

# libvirt hands TMPDIR on to all that it starts, so its value tells this instance's processes from all others.
marker=TMPDIR=$directory/tmp
while read -r _; do
  env "$marker" "$@" </dev/null &
  echo $!
done

processes() {
  {
    grep -lsFxz "$marker" /proc/[0-9]*/environ
    # All but dnsmasq, whose environment is emptied. It is found by its pid file and known by its mount namespace.
    for pid in $(cat "$directory"/run/libvirt/network/*.pid 2>/dev/null); do
      grep -lsF "$directory/" "/proc/$pid/mountinfo"
    done
  } | cut -d / -f 3
}

# Only root's libvirtd makes cgroups, one for each machine with others in it: /machine/qemu-ID-NAME.libvirt-qemu/….
cgroups() {
  for pid; do
    sed -n 's,^[^:]*:[^:]*:\(/machine/[^/]*\.libvirt-qemu\).*,\1,p' "/proc/$pid/cgroup" 2>/dev/null
  done
}

# Again until there are none: one may have started another meanwhile.
while pids=$(processes) && [ -n "$pids" ]; do
  # shellcheck disable=SC2086
  made="$made $(cgroups $pids)"
  # shellcheck disable=SC2086
  kill -KILL $pids 2>/dev/null
  sleep 0.05
done
for cgroup in $made; do
  for controller in /sys/fs/cgroup /sys/fs/cgroup/*; do
    find "$controller$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null
    rmdir "$controller/machine" 2>/dev/null
  done
done
rm -rf "$directory"
