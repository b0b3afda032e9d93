#!/usr/bin/perl
# Runs inside a container: each line of the answer is an attempt's name and `blocked` or `ESCAPED`. Targets are those that the test made;
# of what the kernel has one only, an attempt opens it and changes nothing.

use strict;
use warnings;
use Errno;
use POSIX ();
use Socket;

$| = 1;

# marker: a file; data: a directory; pid: a process; loopback: a port of 127.0.0.1; loop: the minor of a loop device
my %target = @ARGV;

sub attempt {
    my ($name, $escapes) = @_;
    my $escaped = eval { local $SIG{ALRM} = sub { die "late\n" }; alarm 20; my $found = $escapes->(); alarm 0; $found };
    alarm 0;
    # An attempt that dies has not been made.
    my $how = $@ && $@ ne "late\n" ? "NOT MADE: $@" : $escaped ? 'ESCAPED' : 'blocked';
    print "$name\t$how\n" =~ s/\n(?=.)//gr;
}

# Copies, because a call may not be given a constant.
sub can_call { my ($number, @arguments) = @_; return syscall($number, @arguments) >= 0 }
sub can_write { my ($path, $text) = @_; open(my $file, '>', $path) or return 0; print {$file} $text or return 0; return close $file }
sub can_open { my ($path) = @_; return open(my $file, '+<', $path) }
sub can_read { my ($path) = @_; open(my $file, '<', $path) or return 0; return my $text = ''; return defined(sysread($file, $text, 64)) && length $text }
sub can_connect {
    my ($address, $port) = @_;
    socket(my $socket, PF_INET, SOCK_STREAM, 6) or return 0;
    local $SIG{ALRM} = sub { die "late\n" };
    alarm 2;
    return connect($socket, sockaddr_in($port, inet_aton($address)));
}
sub buffer { return "\0" x 512 }
my ($empty, $none, $tmp, $proc, $root, $mnt) = ('', 'none', 'tmpfs', 'proc', '/', '/mnt');

# The host's files and disks
attempt('read a file of the host', sub { can_read($target{marker}) });
attempt('read a file of the host over /proc/1/root', sub { can_read("/proc/1/root/../../../../$target{marker}") });
attempt('list the data directory', sub { opendir(my $handle, $target{data}) });
attempt('leave by chroot and ..', sub { mkdir '/tmp/c'; chroot '/tmp/c' and chdir '../../../../../../../..'; my $found = can_read(".$target{marker}"); chroot '.'; return $found });
attempt('open a file by its handle', sub { my $handle = pack('IiQ', 8, 1, 2) . buffer(); can_call(304, 3, $handle, 0) });
for my $folder ('/root', '/dev', '/tmp') {
    attempt("make the node of a disk in $folder and read it", sub { can_call(133, "$folder/node", 0060600, 7 << 8 | $target{loop}); my $read = can_read("$folder/node"); unlink "$folder/node"; return $read });
}
for my $device ([ 'memory', 1, 1 ], [ 'the port space', 1, 4 ], [ 'the kernel log', 1, 11 ], [ 'FUSE', 10, 229 ], [ 'KVM', 10, 232 ], [ 'tun', 10, 200 ], [ 'loop control', 10, 237 ]) {
    my ($name, $major, $minor) = @$device;
    attempt("make and open the node of $name", sub { unlink '/dev/node'; can_call(133, '/dev/node', 0020600, $major << 8 | $minor); open(my $file, '+<', '/dev/node') });
}

# Mounts and namespaces
attempt('mount a tmpfs', sub { can_call(165, $none, $mnt, $tmp, 0, 0) });
attempt('mount another proc', sub { can_call(165, $proc, $mnt, $proc, 0, 0) });
attempt('remount the root', sub { can_call(165, $none, $root, $empty, 32, 0) });
attempt('unmount what masks /proc/kcore', sub { can_call(166, '/proc/kcore', 2) });
attempt('pivot the root', sub { can_call(155, $root, $mnt) });
attempt('open_tree', sub { can_call(428, -100, $root, 1) });
attempt('fsopen', sub { can_call(430, 'ext4', 0) });
attempt('mount_setattr', sub { my $attributes = pack('Q4', 0, 1, 0, 0); can_call(442, -100, $root, 0, $attributes, 32) });
attempt('a nested user namespace', sub { can_call(272, 0x10000000) });
attempt('a new mount namespace', sub { can_call(272, 0x20000) });
attempt('a new network namespace', sub { can_call(272, 0x40000000) });
attempt('clone into a user namespace', sub { my $pid = syscall(56, 0x10000011, 0, 0, 0, 0); exit 0 if $pid == 0; return $pid > 0 });
attempt('join the namespaces of the first process', sub { open(my $handle, '<', '/proc/1/ns/mnt') or return 0; can_call(308, fileno $handle, 0) });

# The kernel
attempt('load a module', sub { can_call(175, buffer(), 512, $empty) });
attempt('load a module from a file', sub { open(my $file, '<', '/etc/passwd'); can_call(313, fileno $file, $empty, 0) });
attempt('bpf', sub { my $attributes = buffer(); can_call(321, 0, $attributes, 128) });
attempt('perf_event_open', sub { my $attributes = buffer(); can_call(298, $attributes, 0, -1, -1, 0) });
attempt('keyctl', sub { can_call(250, 0, -3, 0) });
attempt('add_key', sub { can_call(248, 'user', 'haneul', 'x', 1, -3) });
attempt('io_uring', sub { my $parameters = buffer(); can_call(425, 4, $parameters) });
attempt('userfaultfd', sub { can_call(323, 0) });
attempt('kexec_load', sub { can_call(246, 0, 0, 0, 0) });
# A time that is none: whoever may set the clock is told so, others are refused before it is looked at.
attempt('set the clock', sub { my $time = pack('qq', 1, -1); syscall(227, 0, $time); return !$!{EPERM} });
attempt('swap on', sub { can_call(167, '/etc/passwd', 0) });
attempt('read the kernel log', sub { my $text = buffer(); can_call(103, 3, $text, 512) });
attempt('iopl', sub { can_call(172, 3) });
attempt('raise its own limit above the hard one', sub { my $limit = pack('QQ', 1 << 40, 1 << 40); can_call(160, 7, $limit) });
# Whoever tries is killed at once.
attempt('calls of another architecture', sub { my $pid = fork(); POSIX::_exit(can_call(39 | 0x40000000) ? 0 : 1) if !$pid; waitpid $pid, 0; return $? == 0 });

# /proc and /sys
for my $path ('/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname', '/proc/sys/vm/drop_caches', '/proc/sysrq-trigger', '/proc/irq/default_smp_affinity') {
    attempt("open $path for writing", sub { can_open($path) });
}
attempt('read /proc/kcore', sub { can_read('/proc/kcore') });
attempt('read /proc/kallsyms', sub { can_read('/proc/kallsyms') });
attempt('make a file in /sys', sub { can_write('/sys/haneul', 'x') });
attempt('release agent of control groups', sub { can_open('/sys/fs/cgroup/release_agent') });
attempt('a lower oom score for itself', sub { can_write('/proc/self/oom_score_adj', '-1000') });

# Processes of the host and of others
attempt('see a process of the host', sub { -e "/proc/$target{pid}/exe" && can_read("/proc/$target{pid}/environ") });
attempt('signal a process of the host', sub { kill 0, $target{pid} });
attempt('trace a process of the host', sub { can_call(101, 16, 0 + $target{pid}, 0, 0) });

# Networks
attempt('a vsock', sub { socket(my $socket, 40, SOCK_STREAM, 0) });
attempt('an AF_ALG socket', sub { socket(my $socket, 38, SOCK_SEQPACKET, 0) });
attempt("reach the host's loopback", sub { can_connect('127.0.0.1', $target{loopback}) });
attempt('give itself another address', sub { system('ip addr add 10.99.99.99/32 dev lo 2>/dev/null') == 0 });
attempt('give itself another MAC', sub { system('ip link set lo address 02:00:00:00:00:01 2>/dev/null') == 0 });
attempt('change the route', sub { system('ip route add 10.99.99.0/24 dev lo 2>/dev/null') == 0 });
attempt('change the firewall', sub { socket(my $socket, 16, SOCK_RAW, 12) or return 0; my $batch = pack('LSSLL', 20, 0x0a00, 5, 1, 0); setsockopt($socket, 270, 1, pack('i', 1)); return system('nft add table inet haneul 2>/dev/null') == 0 });

# Resources
attempt('more processes than allowed', sub {
    my @children;
    for (1 .. 3000) { my $pid = fork(); last if !defined $pid; if (!$pid) { sleep 5; exit 0 } push @children, $pid }
    kill 9, @children;
    waitpid $_, 0 for @children;
    return @children >= 3000;
});
