# What a container asks for at its door is checked and done here, by a process of its own that ends with it. None of the container's
# programs is run: its namespaces are entered for the last calls only. No module is loaded: that would be of the perl that is installed by
# then, which may be another one than runs this.
#
# A target is found beforehand, from outside, and held by a descriptor: a link leads within the container's root, and what is renamed later
# changes nothing. Places that the container was given at its start stay as they are: they are neither covered nor taken away nor copied.

use strict;

our (%given, %clone, %opening, %resolving, $refusal);

my %flag = (read_only => 1, nosuid => 2, nodev => 4, noexec => 8, sync => 16, remount => 32, dirsync => 128, nosymfollow => 256, noatime => 1024,
    nodiratime => 2048, bind => 4096, move => 8192, recursive => 16384, propagation => 0x1E0000, strictatime => 1 << 24, lazytime => 1 << 25);
# MOUNT_ATTR_…; all of the times are one field.
my %attribute = (read_only => 1, nosuid => 2, nodev => 4, noexec => 8, noatime => 0x10, strictatime => 0x20, nodiratime => 0x80, nosymfollow => 0x200000);
my $all_attributes = 0x2000FF;
my %error = (EPERM => 1, ENXIO => 6, EBUSY => 16, ENODEV => 19, EINVAL => 22, ENOSPC => 28, ENOTBLK => 15, ENAMETOOLONG => 36, EUCLEAN => 117, EFAULT => 14, ENOENT => 2);
my ($read_only, $path_only, $close_on_exec) = (0, 010000000, 02000000);    # O_RDONLY, O_PATH, O_CLOEXEC
my ($type_bits, $block_device) = (0170000, 0060000);              # S_IFMT, S_IFBLK
my $lock_exclusive = 2;                                           # LOCK_EX
my ($here, $by_handle) = (-100, 0x1000);    # AT_FDCWD, AT_EMPTY_PATH
my ($set_flag, $set_string, $create, $reconfigure) = (0, 1, 6, 7);
my $nothing = '';
my $text_bytes_max = 4096;
my $mounts_max     = 256;
# Root of the container has these; root with fewer may not mount.
my $needed_capabilities = 1 << 18 | 1 << 27;                  # SYS_CHROOT, MKNOD
# Among what it has from its start only these hold files of its own.
my %ordinary = map { $_ => 1 } '/', '/usr', '/run', '/dev/shm';
# errors=panic, which the file system itself may ask for, would be the host's panic.
my %volume_options = map { $_ => 1 } qw(acl noacl user_xattr nouser_xattr barrier nobarrier commit data discard nodiscard delalloc nodelalloc
  errors norecovery noload init_itable noinit_itable);
my %memory_options = map { $_ => 1 } qw(size nr_blocks nr_inodes mode uid gid);

# Dies with the system's number for why in $refusal.
sub act_on {
    my ($notice, $number, @arguments) = @_;
    my $lock = alone();
    my $caller = caller_of($notice);
    return grow_volume($caller, @arguments)                                         if $number == number_of('ioctl');
    return take_away($caller, text_at($caller, $arguments[0]), 0 + $arguments[1])   if $number == number_of('umount2');
    refuse('EPERM')                                                                 if $number != number_of('mount');
    my ($source, $target, $type, $options) = map { text_at($caller, $_) } @arguments[ 0 .. 2, 4 ];
    my $flags = $arguments[3] & 0xFFFFFFFF;
    $flags &= 0xFFFF if ($flags & 0xFFFF0000) == 0xC0ED0000;    # of old programs
    my $place = place_of($caller, $target);
    return change($caller, $place, $flags, $options) if $flags & $flag{remount};
    refuse('EPERM') if $flags & ($flag{move} | $flag{propagation});
    check_target($caller, $place);
    return bind_mount($caller, $place, $source, $flags)           if $flags & $flag{bind};
    return mount_memory($caller, $place, $flags, $options)        if $type eq 'tmpfs';
    return mount_volume($caller, $place, $source, $flags, $options) if $type =~ /\Aext[234]\z/;
    refuse(join(' ', '', file_systems()) =~ / \Q$type\E / ? 'EPERM' : 'ENODEV');
}

# One after the other: what is mounted and which volumes there are changes for nobody else meanwhile.
sub alone {
    open(my $lock, '>>', "$given{run}/mounts.lock") or refuse('EBUSY');
    flock($lock, $lock_exclusive) or refuse('EBUSY');
    return $lock;
}

sub refuse { my ($name) = @_; $refusal = $error{$name} // $name; die "refused\n" }

sub file_systems { return map { (split /\t/)[-1] } split /\n/, read_file('/proc/filesystems') }

# --- Who asks, and what is there

sub caller_of {
    my ($notice) = @_;
    my ($pid, $init) = @$notice{qw(caller init)};
    my %caller = (%$notice);
    sysopen($caller{memory}, "/proc/$pid/mem", $read_only) or refuse('EPERM');
    sysopen($caller{root}, "/proc/$pid/root", $path_only | $opening{directory}) or refuse('EPERM');
    $caller{root_path}    = readlink "/proc/$pid/root";
    $caller{working_path} = readlink "/proc/$pid/cwd";
    my $status = read_file("/proc/$pid/status");
    my @spaces = map { my $of = $_; map { readlink "/proc/$of/ns/$_" } 'mnt', 'user' } $pid, $init;
    # The number of a process may have been given to another one; then nobody waits for this answer.
    check_asked(\%caller);
    refuse('EPERM') if $spaces[0] ne $spaces[2] || $spaces[1] ne $spaces[3];
    refuse('EPERM') if $status !~ /^Uid:\s+\d+\s+$given{base}\s/m;
    $status =~ /^CapEff:\s+([0-9a-f]+)$/m or refuse('EPERM');
    refuse('EPERM') if (hex($1) & $needed_capabilities) != $needed_capabilities;
    $caller{$_} = handle_of("/proc/$init/ns/$_") for 'mnt', 'user';
    sysopen($caller{base}, "/proc/$init/root", $path_only | $opening{directory}) or refuse('EPERM');
    $caller{mounts} = mounts_of($init);
    return \%caller;
}

sub check_asked {
    my ($caller) = @_;
    my $id = pack('Q', $caller->{id});
    ioctl($caller->{notices}, 0x40082102, $id) or refuse('EPERM');    # SECCOMP_IOCTL_NOTIF_ID_VALID
}

# A text of the caller's; empty where it gave none.
sub text_at {
    my ($caller, $address) = @_;
    return '' if !$address;
    refuse('EFAULT') if $address >= 1 << 56;
    my $text = '';
    while (length $text <= $text_bytes_max) {
        my $at = $address + length $text;
        sysseek($caller->{memory}, $at, 0) or refuse('EFAULT');
        my $count = sysread $caller->{memory}, my $piece, 4096 - $at % 4096;
        refuse('EFAULT') if !$count;
        $text .= $piece;
        my $end = index $text, "\0";
        return substr($text, 0, $end) if $end >= 0;
    }
    refuse('ENAMETOOLONG');
}

# Where a path of the caller's leads, and on which mount that is.
sub place_of {
    my ($caller, $path, $flags) = @_;
    refuse('ENOENT') if $path eq '';
    if ($path !~ m{\A/}) {
        my ($root, $working) = map { s{/?\z}{/}r } @$caller{qw(root_path working_path)};
        refuse('ENOENT') if index($working, $root) != 0;
        $path = '/' . substr($working, length $root) . $path;
    }
    my $handle = found($caller->{root}, $path, $flags // 0, $resolving{in_root});
    return { handle => $handle, path => readlink "/proc/self/fd/$handle", mount => $caller->{mounts}{ mount_of($handle) } // refuse('EINVAL') };
}

sub mount_of { my ($handle) = @_; return read_file("/proc/self/fdinfo/$handle") =~ /^mnt_id:\s+(\d+)/m ? 0 + $1 : refuse('EINVAL') }

# What `stat` tells of a descriptor.
sub stat_of { my ($handle) = @_; return stat "/proc/self/fd/$handle" }

sub is_initial { my ($caller, $mount) = @_; return $caller->{initial}{ $mount->{id} } }

# The latest first.
sub mounts_from {
    my ($caller, $number) = @_;
    my $device = join ':', device_number($number);
    return sort { $b->{id} <=> $a->{id} } grep { $_->{device} eq $device } values %{ $caller->{mounts} };
}

sub check_target {
    my ($caller, $place) = @_;
    my $mount = $place->{mount};
    refuse('EPERM') if is_initial($caller, $mount) && (!$ordinary{ $mount->{point} } || $place->{path} eq $mount->{point});
    refuse('ENOSPC') if keys %{ $caller->{mounts} } >= $mounts_max;
}

# --- What is done

sub mount_volume {
    my ($caller, $place, $source, $flags, $options) = @_;
    my $found = place_of($caller, $source)->{handle};
    my ($mode, $number) = (stat_of($found))[ 2, 6 ];
    call('close', $found);
    refuse('ENOTBLK') if ($mode & $type_bits) != $block_device;
    my $name    = volume_name($number) // refuse('ENXIO');
    my %setting = settings($options, \%volume_options);
    $setting{errors} //= 'remount-ro';
    refuse('EINVAL') if $setting{errors} !~ /\A(?:continue|remount-ro)\z/;
    see_alone($name, $number);
    join_control_groups();
    check_file_system("/dev/$name") if !mounts_from($caller, $number);
    my $volume = call('fsopen', 'ext4', 1);
    call('fsconfig', $volume, $set_string, 'source', "/dev/$name", 0);
    configure($volume, $flags, %setting);
    call('fsconfig', $volume, $create, 0, 0, 0);
    my $mount = call('fsmount', $volume, 1, attributes($flags) | $attribute{nodev});
    refuse('EBUSY') if (stat_of($mount))[0] != $number;
    idmap_mount($mount, fileno $caller->{user});
    check_asked($caller);
    put_at($caller, $mount, $place);
}

# The name under which a volume with this number is attached here.
sub volume_name {
    my ($number) = @_;
    opendir(my $directory, $given{run}) or refuse('ENXIO');
    for my $entry (readdir $directory) {
        my ($name) = $entry =~ /\Adevice-([a-z]+[0-9]*)\z/ or next;
        return $name if (lstat "$given{run}/$entry")[6] == $number;
    }
    return;
}

sub device_number { my ($number) = @_; return ($number >> 8 & 0xfff, $number & 0xff | $number >> 12 & 0xfff00) }

# From here on this process sees one device only, under the name that the container knows.
sub see_alone {
    my ($name, $number) = @_;
    call('unshare', $clone{new_mounts});
    call('mount', 'none', '/', $nothing, 0x4000 | 0x40000, 0);    # MS_REC | MS_PRIVATE
    call('mount', 'tmpfs', '/dev', 'tmpfs', 2 | 8, 'size=64k,mode=700');
    call('mknodat', $here, "/dev/$name", $block_device | 0600, 0 + $number);
}

# What is done for a container counts as its own: time, memory, reading and writing.
sub join_control_groups {
    opendir(my $directory, '/sys/fs/cgroup') or return;
    for my $place ('', grep { !/\A\./ } readdir $directory) {
        my $path = "/sys/fs/cgroup/$place/$given{cgroup}/cgroup.procs";
        put_line($path, $$) if -e $path;
    }
}

# A container may write what it likes to its volumes: only a sound file system meets the kernel.
sub check_file_system {
    my ($device) = @_;
    sysopen(my $volume, $device, $read_only) or refuse($! + 0);
    sysseek($volume, 1024 + 56, 0);
    my $count = sysread $volume, my $magic, 2;
    refuse('EINVAL') if !$count || $count != 2 || unpack('v', $magic) != 0xEF53;
    close $volume;
    my $checker = open(my $words, '-|') // refuse('EBUSY');
    if (!$checker) {
        open(STDERR, '>&', \*STDOUT);
        exec { 'e2fsck' } 'e2fsck', '-f', '-p', $device;
        exit(127);
    }
    1 while sysread $words, my $piece, 65536;
    close $words;
    return if $? == 0 || $? == 1 << 8;                # 1: errors were corrected, as those of a power cut are
    refuse($? == 8 << 8 ? 'EBUSY' : 'EUCLEAN');       # 8: it is in use
}

sub settings {
    my ($options, $allowed) = @_;
    my %setting;
    # What the list of mounts shows of one of ours is given back by those who change it.
    for (grep { length && $_ ne 'idmapped' } split /,/, $options) {
        my ($name, $value) = split /=/, $_, 2;
        refuse('EINVAL') if !$allowed->{$name};
        $setting{$name} = $value;
    }
    return %setting;
}

sub configure {
    my ($context, $flags, %setting) = @_;
    my %named = (read_only => 'ro', sync => 'sync', dirsync => 'dirsync', lazytime => 'lazytime');
    for (sort keys %named) { call('fsconfig', $context, $set_flag, $named{$_}, 0, 0) if $flags & $flag{$_} }
    for (sort keys %setting) {
        if   (defined $setting{$_}) { call('fsconfig', $context, $set_string, $_, $setting{$_}, 0) }
        else                        { call('fsconfig', $context, $set_flag, $_, 0, 0) }
    }
}

sub attributes {
    my ($flags) = @_;
    my $set = 0;
    for (keys %attribute) { $set |= $attribute{$_} if $flags & $flag{$_} }
    $set &= ~$attribute{noatime} if $flags & $flag{strictatime};
    return $set;
}

sub put_at {
    my ($caller, $mount, $place) = @_;
    call('setns', fileno $caller->{mnt}, $clone{new_mounts});
    put_mount_on($mount, $place->{handle});
}

# As root of the container, so that the kernel itself says what that may.
sub become_root_of {
    my ($caller) = @_;
    join_control_groups();
    call('setns', fileno $caller->{mnt}, $clone{new_mounts});
    call('setns', fileno $caller->{user}, $clone{new_users});
    call('setresgid', 0, 0, 0);
    call('setresuid', 0, 0, 0);
}

sub mount_memory {
    my ($caller, $place, $flags, $options) = @_;
    my %setting = settings($options, \%memory_options);
    $setting{size} //= '50%' if !exists $setting{nr_blocks};
    check_asked($caller);
    become_root_of($caller);
    my $memory = call('fsopen', 'tmpfs', 1);
    call('fsconfig', $memory, $set_string, 'source', 'tmpfs', 0);
    configure($memory, $flags, %setting);
    call('fsconfig', $memory, $create, 0, 0, 0);
    my $mount = call('fsmount', $memory, 1, attributes($flags) | $attribute{nodev});
    put_mount_on($mount, $place->{handle});
}

# What lies below other places is not taken along where that would be what the container was given at its start.
sub bind_mount {
    my ($caller, $place, $source, $flags) = @_;
    my $from = place_of($caller, $source);
    refuse('EPERM') if is_initial($caller, $from->{mount}) && !$ordinary{ $from->{mount}{point} };
    my $below = $from->{path} =~ s{/?\z}{/}r;
    my $reveals = grep { is_initial($caller, $_) && index("$_->{point}/", $below) == 0 && $_->{id} != $from->{mount}{id} } values %{ $caller->{mounts} };
    refuse('EPERM') if $flags & $flag{recursive} && $reveals;
    check_asked($caller);
    become_root_of($caller);
    my $mount = call('open_tree', $from->{handle}, $nothing, $by_handle | 1 | $close_on_exec | ($flags & $flag{recursive} ? 0x8000 : 0));
    put_mount_on($mount, $place->{handle});
}

# Other settings for what is mounted.
sub change {
    my ($caller, $place, $flags, $options) = @_;
    my $mount = $place->{mount};
    refuse('EINVAL') if $place->{path} ne $mount->{point};
    refuse('EPERM')  if is_initial($caller, $mount);
    my $is_volume = $mount->{type} eq 'ext4' && defined volume_name((stat_of($place->{handle}))[0]);
    if (!($flags & $flag{bind}) && $is_volume) {
        my %setting = settings($options, \%volume_options);
        refuse('EINVAL') if ($setting{errors} // 'remount-ro') !~ /\A(?:continue|remount-ro)\z/;
        change_file_system($place, $flags, %setting);
    }
    check_asked($caller);
    my $set = attributes($flags) | $attribute{nodev};
    if   ($is_volume) { call('setns', fileno $caller->{mnt}, $clone{new_mounts}) }
    else              { become_root_of($caller) }
    my %setting = $is_volume ? () : settings($options, \%memory_options);
    delete @setting{qw(uid gid mode)};    # of its top, at its making
    change_file_system($place, $flags, %setting) if !($flags & $flag{bind}) && !$is_volume && $mount->{type} eq 'tmpfs';
    change_mount($place->{handle}, $set, $all_attributes);
}

sub change_file_system {
    my ($place, $flags, %setting) = @_;
    my $context = call('fspick', $place->{handle}, $nothing, 1 | 8);    # FSPICK_CLOEXEC | FSPICK_EMPTY_PATH
    call('fsconfig', $context, $set_flag, 'rw', 0, 0) if !($flags & $flag{read_only});
    configure($context, $flags, %setting);
    call('fsconfig', $context, $reconfigure, 0, 0, 0);
}

# By its name in the directory that holds it: nobody there can rename or replace what something is mounted on.
sub take_away {
    my ($caller, $path, $flags) = @_;
    my $place = place_of($caller, $path, $flags & 8 ? $opening{no_follow} : 0);    # UMOUNT_NOFOLLOW
    my ($mode, $number) = (stat_of($place->{handle}))[ 2, 6 ];
    call('close', $place->{handle});
    my $mount = $place->{mount};
    refuse('EINVAL') if $place->{path} ne $mount->{point};
    refuse('EPERM')  if is_initial($caller, $mount);
    # The node of a volume is a mount too; programs that are told to unmount a volume take it for the place.
    ($mount) = mounts_from($caller, $number) or refuse('EINVAL') if ($mode & $type_bits) == $block_device;
    check_asked($caller);
    unmount($caller, $mount, $flags & 3);    # MNT_FORCE | MNT_DETACH
}

sub unmount {
    my ($caller, $mount, $flags) = @_;
    my ($above, $name) = $mount->{point} =~ m{\A(.*)/([^/]+)\z}s or refuse('EINVAL');
    my $directory = found($caller->{base}, "/$above", $opening{directory}, $resolving{in_root} | $resolving{no_links});
    open(my $at, '<&=', $directory) or refuse('EBUSY');
    my $found = found($at, $name, $opening{no_follow}, $resolving{no_links});
    refuse('EBUSY') if mount_of($found) != $mount->{id};
    call('close', $found);
    call('setns', fileno $caller->{mnt}, $clone{new_mounts});
    chdir($at) or refuse($! + 0);
    call('umount2', $name, $flags | 8);
}

# False while a volume is mounted in the container with this first process, unless it is forced.
sub release_volume {
    my ($init, $number, $force) = @_;
    my $namespace = { init => $init, mounts => mounts_of($init), mnt => handle_of("/proc/$init/ns/mnt") };
    sysopen($namespace->{base}, "/proc/$init/root", $path_only | $opening{directory}) or refuse('EBUSY');
    for my $mount (mounts_from($namespace, $number)) {
        return 0 if !$force;
        my $child = fork() // refuse('EBUSY');
        if (!$child) { exit(eval { unmount($namespace, $mount, 2); 1 } ? 0 : 1) }    # MNT_DETACH
        waitpid $child, 0;
        refuse('EBUSY') if $? != 0;
    }
    return 1;
}

# resize2fs on what is mounted asks the kernel, which listens to root of the host alone.
sub grow_volume {
    my ($caller, $descriptor, undef, $address) = @_;
    sysseek($caller->{memory}, 0 + $address, 0) or refuse('EFAULT');
    my $count = sysread $caller->{memory}, my $blocks, 8;
    refuse('EFAULT') if !$count || $count != 8;
    # Opened anew, by what is a directory only: what else there may be is not touched.
    sysopen(my $top, "/proc/$caller->{caller}/fd/" . ($descriptor & 0x7FFFFFFF), $read_only | $opening{directory}) or refuse('EINVAL');
    check_asked($caller);
    refuse('EPERM') if !defined volume_name((stat $top)[0]);
    refuse('EPERM') if ($caller->{mounts}{ mount_of(fileno $top) } // refuse('EPERM'))->{type} ne 'ext4';
    join_control_groups();
    ioctl($top, 0x40086610, $blocks) or refuse($! + 0);    # EXT4_IOC_RESIZE_FS
}

1;
