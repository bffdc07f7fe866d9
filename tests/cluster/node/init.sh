#!/bin/bash
# Process 1 of a node's namespaces: makes its own /sys, /run and cgroup tree, then starts the node's
# programs. It ends, and the kernel everything in the namespaces with it, when its standard input
# does: whoever started the node holds the other end, and cannot die without closing it.
# Environment: ROOT (the node's folder), NODE (its name). What is started: $ROOT/etc/programs.
set -u
mount --make-rshared /
hostname "$NODE"

# Our own network namespace's /sys, and the v1 controllers as our cgroup namespace sees them.
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
  mkdir "/sys/fs/cgroup/$controller"
  mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
done
mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
mount -t cgroup2 none /sys/fs/cgroup/unified

# Places that the programs insist on, each in the node's own folder.
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mkdir -p /run/lock /run/containerd /run/netns
places='/var/lib/kubelet /var/lib/containerd /var/lib/cni /var/log/pods /var/log/containers'
for place in $places /etc/cni /opt/cni; do
  mkdir -p "$place" "$ROOT/state$place"
  mount --bind "$ROOT/state$place" "$place"
  mount --make-rshared "$place"
done
mkdir -p /etc/cni/net.d
cp "$ROOT/etc/bridge.conflist" /etc/cni/net.d/

# The kubelet writes sysctls that belong to the whole machine: it is shown what it wants instead.
while read -r name value; do
  fake="/run/sysctl/$name"
  mkdir -p "$(dirname "$fake")"
  echo "$value" > "$fake"
  mount --bind "$fake" "/proc/sys/$name"
done <<'SYSCTLS'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SYSCTLS
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1 net.ipv4.conf.all.rp_filter=0
sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null

# Each line: a name, a tab, and its command line.
while IFS=$'\t' read -r name line; do
  # The words hold no spaces or quotes: files.ts makes them.
  # shellcheck disable=SC2086
  $line > "$ROOT/logs/$name.log" 2>&1 < /dev/null &
  if [ "$name" = containerd ]; then
    until ctr version > /dev/null 2>&1; do sleep 0.05; done
    for archive in "$ROOT"/images/*.tar; do
      ctr -n k8s.io images import "$archive" >> "$ROOT/logs/import.log" 2>&1
    done
  fi
  if [ "$name" = kube-apiserver ]; then
    until curl -sf --cacert "$ROOT/pki/ca.crt" --cert "$ROOT/pki/front-proxy.crt" \
      --key "$ROOT/pki/front-proxy.key" https://127.0.0.1:6443/readyz > /dev/null; do
      sleep 0.05
    done
  fi
done < "$ROOT/etc/programs"

# Reaping the orphans of process 1 is bash's own doing; the end of the input is the end of the node.
cat > /dev/null
