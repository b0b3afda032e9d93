#!/usr/bin/perl -w
# The parent of one container: mounts its root volume where nobody else sees it, starts it, keeps its console, and writes down how it ended.
#
# It goes on when Haneul ends. Its mounts are in a mount namespace of its own, so they, and the loop device below them, end with it.
# Arguments are pairs of name and value. Descriptor 3 is told `running PID` or `failed REASON` and then closed.
#
# There is one for each container for as long as that lives, so it is small: no modules, not even `warnings` (hence -w), which would be
# two thirds of its memory.

use strict;
my ($home) = __FILE__ =~ m{\A(/.*)/} or die "this program is called by its whole path\n";
require "$home/../syscalls.pl";
require "$home/../supervision.pl";
require "$home/mount-table.pl";
require "$home/mount-door.pl";
@INC = ();    # while this runs, perl may be upgraded: nothing of another one is loaded later

our %given = @ARGV;
our (%clone, $refusal);

$SIG{PIPE} = 'IGNORE';
$SIG{HUP}  = 'IGNORE';
open(my $report, '>&=', 3) or die "descriptor 3: $!\n";
my $boot = read_file('/proc/sys/kernel/random/boot_id');
write_file('supervisor', join(' ', $$, start_time($$), $boot) . "\n");
my ($console, $console_end, $door);
my $init = eval { start() };
if (!$init) {
    my $reason = $@ || 'unknown';
    $reason =~ s/\s+/ /g;
    write_file('exit', "failed $reason\n");
    syswrite $report, "failed $reason\n";
    exit 1;
}
syswrite $report, "running $init\n";
close $report;
my $end = keep_console($init, $console, $door);
close_door($door);
# On a full disk there may be no room for it.
eval { write_file('exit', "$end\n"); 1 } or print STDERR $@;
# Where its folder has gone another Haneul clears away, and a runtime that is asked later would make its place anew.
run_quietly($given{runtime}, '--root', $given{state}, 'delete', '--force', $given{id}) if -d $given{directory};
exit 0;

sub start {
    open_ports_to_all();
    mount_root();
    $door = new_door($given{door}, "$home/mounts.pl");
    pipe($console, $console_end) or die "pipe: $!\n";
    call('prctl', 36, 1, 0, 0, 0);    # PR_SET_CHILD_SUBREAPER: the container's first process becomes a child of this one
    my $runner = fork() // die "fork: $!\n";
    if (!$runner) {
        open(STDOUT, '>&', $console_end) or die "standard output: $!\n";
        open(STDERR, '>&', $console_end) or die "standard error: $!\n";
        exec { $given{runtime} } $given{runtime}, '--root', $given{state}, '--log', "$given{directory}/runtime.log", 'run', '--detach', '--bundle', $given{directory},
          '--pid-file', "$given{directory}/init.pid", $given{id};
        exit 127;
    }
    close $console_end;
    waitpid $runner, 0;
    die "$given{runtime} ended with @{[$? >> 8]}: " . last_line("$given{directory}/runtime.log") . "\n" if $? != 0;
    my $pid = 0 + read_file("$given{directory}/init.pid");
    # What it asks for waits until it is known what it has been given.
    @$door{qw(init initial)} = ($pid, { map { $_ => 1 } keys %{ mounts_of($pid) } });
    write_file('running', join(' ', $pid, start_time($pid), start_time($$), $$, $boot) . "\n");
    return $pid;
}

sub mount_root {
    call('unshare', $clone{new_mounts});
    # What the host unmounts is unmounted here too; what is mounted here stays here.
    my ($none, $root, $nothing) = ('none', '/', '');
    call('mount', $none, $root, $nothing, 0x4000 | 0x80000, 0);    # MS_REC | MS_SLAVE
    # Where there are controllers of both kinds of hierarchy, crun would take neither.
    my $unified = '/sys/fs/cgroup/unified';
    call('umount2', $unified, 2) if -e "$unified/cgroup.procs";    # MNT_DETACH
    my $volume = "$given{run}/volume";
    # A guest that had the volume as data may have written whatever it liked: only what is a sound file system meets the kernel.
    run({ accepted => 1 }, 'e2fsck', '-f', '-p', $given{volume}) if $given{check};    # 1: errors were corrected, as those of a power cut are
    run('resize2fs', $given{volume}) if $given{grow};
    my ($type, $options) = ('ext4', 'errors=remount-ro');
    my ($loop, $device) = -b $given{volume} ? (undef, $given{volume}) : new_loop($given{volume});
    call('mount', $device, $volume, $type, 4 | 1024, $options);    # MS_NODEV | MS_NOATIME
    my $users = user_namespace($given{base}, 65536);
    my $whole = $given{lower} eq '';
    idmapped(below($volume, $whole ? '.' : 'root'), $given{rootfs}, $users);
    lay_over($volume, $users) if !$whole;
    bring_programs();
}

# A directory of the host, and over it what the volume holds of it.
sub lay_over {
    my ($volume, $users) = @_;
    idmapped(below($given{lower}, '.'), "$given{run}/lower", $users);
    idmapped(below($volume, 'layer'), "$given{run}/layer", $users);
    my ($upper, $work, $target) = (below("$given{run}/layer", 'upper'), below("$given{run}/layer", 'work'), below($given{rootfs}, substr $given{lower}, 1));
    my ($overlay, $place) = ('overlay', "/proc/self/fd/$target");
    my $options = "lowerdir=$given{run}/lower,upperdir=/proc/self/fd/$upper,workdir=/proc/self/fd/$work,index=off,xino=off";
    call('mount', $overlay, $place, $overlay, 4, $options);    # MS_NODEV
    call('close', $_) for $upper, $work, $target;
}

# Haneul's own programs are in memory once for all containers, and of the Haneul that starts this one.
sub bring_programs {
    my $programs = detached_mount($given{programs});
    change_mount($programs, 1 | 2 | 4, 8);    # MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, without MOUNT_ATTR_NOEXEC
    my $target = within_root($given{rootfs}, 'var/lib/haneul');
    put_mount_on($programs, $target);
    call('close', $_) for $programs, $target;
}

# A loop device of a file, that ends with its last user: its handle, and its name.
sub new_loop {
    my ($path) = @_;
    my ($get_free, $configure, $ends_by_itself, $busy) = (0x4C82, 0x4C0A, 4, 16);    # LOOP_CTL_GET_FREE, LOOP_CONFIGURE, LO_FLAGS_AUTOCLEAR, EBUSY
    open(my $file,    '+<', $path)               or die "$path: $!\n";
    open(my $control, '<',  '/dev/loop-control') or die "/dev/loop-control: $!\n";
    for (;;) {
        my $number = call('ioctl', fileno $control, $get_free, 0);
        my $device = "/dev/loop$number";
        open(my $loop, '+<', $device) or die "$device: $!\n";
        # struct loop_config: the file, its flags and its name.
        my $settings = pack('L x56 L Z64 x176', fileno $file, $ends_by_itself, $path);
        return ($loop, $device) if eval { call('ioctl', fileno $loop, $configure, $settings) ; 1 };
        # Somebody else was quicker.
        die $@ if $refusal != $busy;
    }
}

sub idmapped {
    my ($source, $target, $users) = @_;
    my $mount = detached_mount_of($source);
    idmap_mount($mount, fileno $users);
    put_mount($mount, $target);
    call('close', $_) for $mount, $source;
}

# In the machine's network namespace every user may open every port and ping: its root is not the namespace's owner.
sub open_ports_to_all {
    my ($own, $network) = (handle_of('/proc/self/ns/net'), handle_of($given{network}));
    call('setns', fileno $network, $clone{new_network});
    put_line('/proc/sys/net/ipv4/ip_unprivileged_port_start', '0');
    put_line('/proc/sys/net/ipv4/ping_group_range', '0 2147483647');
    call('setns', fileno $own, $clone{new_network});
}
