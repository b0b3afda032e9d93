# The system calls for which neither Node nor perl has a function, by their numbers, and what is built of them.

use strict;

# By the header of the program that runs this: its field `machine` is 183 on AArch64.
open(my $own, '<', '/proc/self/exe') or die "/proc/self/exe: $!\n";
sysread $own, my $header, 20;
my $arm = unpack('x18 v', $header) == 183;
my %number = (
    (map { $_->[0] => $_->[ $arm ? 2 : 1 ] } [ 'mount', 165, 40 ], [ 'umount2', 166, 39 ], [ 'prctl', 157, 167 ], [ 'unshare', 272, 97 ], [ 'setns', 308, 268 ], [ 'pivot_root', 155, 41 ], [ 'mknodat', 259, 33 ], [ 'close', 3, 57 ], [ 'dup3', 292, 24 ], [ 'setsid', 112, 157 ], [ 'exit_group', 231, 94 ]),
    (map { $_->[0] => $_->[ $arm ? 2 : 1 ] } [ 'ioctl', 16, 29 ], [ 'sendmsg', 46, 211 ], [ 'recvmsg', 47, 212 ], [ 'ppoll', 271, 73 ], [ 'setresuid', 117, 147 ], [ 'setresgid', 119, 149 ]),
    open_tree     => 428,
    move_mount    => 429,
    fsopen        => 430,
    fsconfig      => 431,
    fsmount       => 432,
    fspick        => 433,
    pidfd_open    => 434,
    close_range   => 436,
    openat2       => 437,
    mount_setattr => 442,
);

our %clone = (
    new_mounts    => 0x00020000,
    new_names     => 0x04000000,
    new_messages  => 0x08000000,
    new_users     => 0x10000000,
    new_processes => 0x20000000,
    new_network   => 0x40000000,
);
# O_DIRECTORY, O_NOFOLLOW: flags of open(2) that differ by processor.
our %opening = (directory => $arm ? 0x4000 : 0x10000, no_follow => $arm ? 0x8000 : 0x20000);
# How a path is followed by openat2(2): RESOLVE_….
our %resolving = (no_magic_links => 0x02, no_links => 0x04, beneath => 0x08, in_root => 0x10);
my ($at_fdcwd, $at_empty_path, $at_recursive) = (-100, 0x1000, 0x8000);
my ($path_only, $close_on_exec) = (010000000, 02000000);    # O_PATH, O_CLOEXEC
my ($open_tree_clone, $open_tree_cloexec, $move_mount_from_empty_path, $move_mount_to_empty_path) = (1, 0x80000, 4, 0x40);
my ($mount_attr_nodev, $mount_attr_idmap) = (0x4, 0x00100000);

# The number of a call's name on this processor.
sub number_of { my ($name) = @_; return $number{$name} }

# The system's number for why the last call failed.
our $refusal = 0;

# Dies with the call's name and the system's reason.
sub call {
    my ($name, @arguments) = @_;
    my $result = syscall($number{$name}, @arguments);
    return $result if $result >= 0;
    $refusal = $! + 0;
    die "$name: $!\n";
}

sub handle_of {
    my ($path) = @_;
    open(my $handle, '<', $path) or die "$path: $!\n";
    return $handle;
}

# A descriptor of what a path leads to from an opened directory, for no use but as a place. Links of /proc are not followed.
sub found {
    my ($directory, $path, $flags, $resolve) = @_;
    my $how = pack('Q3', $path_only | $close_on_exec | $flags, 0, $resolve | $resolving{no_magic_links});
    return call('openat2', fileno $directory, $path, $how, length $how);
}

# A descriptor of what lies at a path below a directory of ours. No link is followed: whoever wrote one there would lead us where he likes.
sub below {
    my ($directory, $path) = @_;
    return opened_in($directory, $path, $resolving{beneath} | $resolving{no_links});
}

# The same for a directory that is a root: links lead within it.
sub within_root {
    my ($root, $path) = @_;
    return opened_in($root, $path, $resolving{in_root});
}

sub opened_in {
    my ($directory, $path, $resolve) = @_;
    sysopen(my $handle, $directory, $path_only) or die "$directory: $!\n";
    return eval { found($handle, $path, 0, $resolve) } // die "$path: $@";
}

# What is mounted or lies at a path, as a mount of its own that stands nowhere yet.
sub detached_mount {
    my ($source) = @_;
    return call('open_tree', $at_fdcwd, $source, $open_tree_clone | $open_tree_cloexec);
}

# The same of a descriptor.
sub detached_mount_of {
    my ($handle) = @_;
    my $nothing = '';
    return call('open_tree', $handle, $nothing, $at_empty_path | $open_tree_clone | $open_tree_cloexec);
}

# The same of a device's node, which can be opened there though what it lies on forbids it, as /run often does. Without root it is a file.
sub device_mount {
    my ($node) = @_;
    my $mount = detached_mount($node);
    change_mount($mount, 0, $mount_attr_nodev) if -b $node;
    return $mount;
}

sub put_mount {
    my ($mount, $target) = @_;
    my $nothing = '';
    call('move_mount', $mount, $nothing, $at_fdcwd, $target, $move_mount_from_empty_path);
}

# On what a descriptor is of.
sub put_mount_on {
    my ($mount, $target) = @_;
    my $nothing = '';
    call('move_mount', $mount, $nothing, $target, $nothing, $move_mount_from_empty_path | $move_mount_to_empty_path);
}

# Files of user 0 on the disk belong to user 0 of the user namespace.
sub idmap_mount { my ($mount, $user_namespace) = @_; change_mount($mount, $mount_attr_idmap, 0, $user_namespace) }

# Sets and clears attributes (MOUNT_ATTR_…) of a mount.
sub change_mount {
    my ($mount, $set, $clear, $user_namespace) = @_;
    my $attributes = pack('Q4', $set, $clear, 0, $user_namespace // 0);
    my $nothing = '';
    call('mount_setattr', $mount, $nothing, $at_empty_path, $attributes, length $attributes);
}

# A handle on a new user namespace in which the ids from 0 on are those of the host from `base` on.
sub user_namespace {
    my ($base, $count) = @_;
    pipe(my $ready, my $ready_end) or die "pipe: $!\n";
    pipe(my $done, my $done_end)   or die "pipe: $!\n";
    my $child = fork() // die "fork: $!\n";
    if (!$child) {
        close $ready;
        close $done_end;
        eval { call('unshare', $clone{new_users}); syswrite $ready_end, '1' };
        sysread $done, my $byte, 1;
        exit 0;
    }
    close $ready_end;
    close $done;
    sysread($ready, my $byte, 1) or die "a user namespace was refused\n";
    for my $file ('uid_map', 'gid_map') {
        open(my $map, '>', "/proc/$child/$file") or die "$file: $!\n";
        # The second line lets the kernel write as the real root: overlay keeps whiteouts and work files of its own.
        defined syswrite($map, "0 $base $count\n$count 0 1\n") or die "$file: $!\n";
    }
    my $namespace = handle_of("/proc/$child/ns/user");
    close $done_end;
    waitpid $child, 0;
    return $namespace;
}

1;
