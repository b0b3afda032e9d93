#!/usr/bin/perl
# Runs inside a container: each line of the answer is an attempt's name and `blocked` or `ESCAPED`. Targets are those that the test made;
# of what the kernel has one only, an attempt opens it and changes nothing.

use strict;
use warnings;
use Errno;
use POSIX ();
use Socket;

$| = 1;

# marker: a file; data: a directory; pid: a process; loopback: a port of 127.0.0.1; loop: the minor of a loop device; host_disk: the number of
# the disk that holds all of these; volume: a node of a volume of its own with an ext4 file system, where there is one
my %target = @ARGV;

sub attempt {
    my ($name, $escapes, $seconds) = @_;
    my $escaped = eval { local $SIG{ALRM} = sub { die "late\n" }; alarm($seconds // 20); my $found = $escapes->(); alarm 0; $found };
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

# The door for mounts: /dev/sdf is a volume of its own with an ext4 file system
my ($bind, $remount, $recursive, $move, $shared) = (4096, 32, 16384, 8192, 1 << 20);
sub can_mount { my ($source, $target, $type, $flags, $options) = @_; return can_call(165, $source, $target, $type, $flags // 0, $options // '') && (can_call(166, $target, 2), 1)[1] }
for my $place ('/', '/proc', '/proc/sys', '/proc/kcore', '/sys', '/dev', '/dev/pts', '/dev/.volumes/sdf', '/tmp/../proc') {
    attempt("cover $place", sub { can_mount('none', $place, 'tmpfs') });
    attempt("unmount $place", sub { $place !~ /volumes/ && can_call(166, $place, 2) });
}
symlink '/proc/sys', '/tmp/link';
attempt('cover /proc/sys by a link', sub { can_mount('none', '/tmp/link', 'tmpfs') });
attempt('unmount /proc/sys by a link', sub { can_call(166, '/tmp/link', 2) });
attempt('cover a magic link', sub { can_mount('none', '/proc/self/cwd', 'tmpfs') });
attempt("mount another's disk", sub { can_call(133, '/root/node', 0060600, 7 << 8 | $target{loop}); my $did = can_mount('/root/node', $mnt, 'ext4'); unlink '/root/node'; return $did });
attempt("mount the host's disk", sub { can_call(133, '/root/node', 0060600, 0 + $target{host_disk}); my $did = can_mount('/root/node', $mnt, 'ext4'); unlink '/root/node'; return $did });
attempt('mount a file', sub { can_mount('/etc/passwd', $mnt, 'ext4') });
for my $type (qw(proc sysfs devtmpfs devpts mqueue cgroup cgroup2 debugfs tracefs securityfs bpf binfmt_misc overlay fuse nfs squashfs ramfs hugetlbfs)) {
    attempt("mount $type", sub { can_mount('none', $mnt, $type, 0, $type eq 'overlay' ? 'lowerdir=/proc' : '') });
}
for my $source ('/proc', '/proc/sys', '/proc/kcore', '/dev', '/dev/sdf', '/sys') {
    attempt("bind $source elsewhere", sub { can_mount($source, $mnt, 'none', $bind) });
}
attempt('bind all elsewhere', sub { can_mount('/', $mnt, 'none', $bind | $recursive) });
attempt('move /proc', sub { can_call(165, '/proc', $mnt, 'none', $move, 0) });
attempt('share what is mounted', sub { can_call(165, 'none', '/', 'none', $shared | $recursive, 0) });
attempt('make /proc/sys writable', sub { can_call(165, 'none', '/proc/sys', 'none', $remount | $bind, 0) });
attempt('make /sys writable', sub { can_call(165, 'none', '/sys', 'none', $remount, 0) });
for my $options ('errors=panic', 'errors=remount-ro,errors=panic', 'journal_path=/dev/sdf', 'journal_dev=1792', 'sb=1', 'usrjquota=x,jqfmt=vfsv0', 'test_dummy_encryption', 'abort', 'resuid=0', 'source=/etc/passwd') {
    attempt("mount a volume with $options", sub { can_mount('/dev/sdf', $mnt, 'ext4', 0, $options) });
}
for my $options ('huge=always', 'mpol=bind:0', 'source=/etc') { attempt("mount a tmpfs with $options", sub { can_mount('none', $mnt, 'tmpfs', 0, $options) }) }
attempt('mount with addresses that are none', sub { my $nowhere = 1; can_call(165, $nowhere, $nowhere, $nowhere, 0, $nowhere) });
attempt('mount at a path without an end', sub { can_mount('none', '/' . 'a' x 8000, 'tmpfs') });
attempt('mount with fewer capabilities', sub {
    my $pid = fork();
    if (!$pid) { my ($header, $none) = (pack('Ll', 0x20080522, 0), pack('L6', 0)); syscall(126, $header, $none); POSIX::_exit(can_mount('none', $mnt, 'tmpfs') ? 0 : 1) }
    waitpid $pid, 0;
    return $? == 0;
});
$target{volume} and attempt('open a node on a volume', sub {
    can_call(165, $target{volume}, $mnt, 'ext4', 0, '') or die "the volume is not mounted: $!\n";
    can_call(133, "$mnt/null", 0020666, 1 << 8 | 3);
    my $before = open(my $one, '<', "$mnt/null");
    can_call(165, 'none', $mnt, 'none', $remount | $bind, 0) or die "the volume is not mounted anew: $!\n";
    my $after = open(my $other, '<', "$mnt/null");
    can_call(166, $mnt, 2);
    return $before || $after;
});
attempt('mount without end', sub {
    my $count = 0;
    $count++ while $count < 1000 && can_call(165, 'none', $mnt, 'tmpfs', 0, '');
    for (1 .. $count) { can_call(166, $mnt, 2) }
    return $count >= 1000;
}, 120);
attempt('race a target against a link', sub {
    my $given = sub { open(my $table, '<', '/proc/self/mountinfo') or die; return join '', grep { m{ /(?:proc|sys|dev)} } <$table> };
    my $before = $given->();
    mkdir "/tmp/$_" for 'good', 'race';
    my $pid = fork();
    if (!$pid) { while (1) { symlink('/proc/sys', '/tmp/race/new'); rename('/tmp/race/new', '/tmp/race/at'); symlink('/tmp/good', '/tmp/race/new'); rename('/tmp/race/new', '/tmp/race/at') } }
    for (1 .. 60) { can_call(165, 'none', '/tmp/race/at', 'tmpfs', 0, ''); can_call(166, '/tmp/race/at', 2) }
    kill 9, $pid;
    waitpid $pid, 0;
    return $given->() ne $before;
}, 60);
1 while can_call(166, '/tmp/good', 2);
# Of its own volume: without its file the device is given to others.
my @controls = ([ 'LOOP_CLR_FD', 0x4C01 ], [ 'LOOP_CLR_FD in 64 bits', 0x4C01 | 1 << 32 ], [ 'LOOP_SET_FD', 0x4C00 ], [ 'LOOP_GET_STATUS64', 0x4C05 ], [ 'LOOP_CHANGE_FD', 0x4C06 ], [ 'LOOP_SET_DIRECT_IO', 0x4C08 ], [ 'LOOP_CONFIGURE', 0x4C0A ]);
for my $control ($target{volume} ? @controls : ()) {
    my ($name, $number) = @$control;
    attempt($name, sub { open(my $device, '+<', $target{volume}) or die "no volume: $!\n"; my $about = buffer(); can_call(16, fileno $device, $number, $about) });
}
attempt('grow the root file system', sub { open(my $top, '<', '/usr') or die; my $blocks = pack('Q', 1 << 30); can_call(16, fileno $top, 0x40086610, $blocks) });

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
