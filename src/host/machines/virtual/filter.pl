# What an emulator may not ask the kernel for, whoever has taken it over: a filter of system calls, for its processes and all that they start.
#
# Guests of user-mode-linux do not meet it: their calls are stopped before, by the emulator that traces them.

use strict;
use warnings;
use POSIX ();

my ($set_seccomp, $filter_mode) = (22, 2);
my ($load, $jump_equal, $jump_at_least, $jump_bits, $return) = (0x20, 0x15, 0x35, 0x45, 0x06);
my ($allow, $refuse, $end) = (0x7fff0000, 0x00050000, 0x80000000);
my ($EPERM, $ENOSYS) = (1, 38);
my ($number_at, $machine_at, $first_argument_at, $second_argument_at) = (0, 4, 16, 24);
my ($x86_64, $x32_calls) = (0xc000003e, 0x40000000);
# Every flag of `clone` that makes a namespace.
my $namespace_flags = 0x7e020000;
# Unix, IPv4, IPv6, netlink, packet: AF_VSOCK knows no namespaces and reaches the host.
my @families = (1, 2, 10, 16, 17);
my %number = (socket => 41, clone => 56, kill => 62, clone3 => 435);
my $abort = 6;

my @refused = (
    272, 308,                                                # unshare setns
    165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442,   # mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr
    321, 298, 323, 425, 426, 427,                            # bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    248, 249, 250,                                           # add_key request_key keyctl
    175, 313, 176, 246, 320,                                 # init_module finit_module delete_module kexec_load kexec_file_load
    303, 304, 300, 301,                                      # name_to_handle_at open_by_handle_at fanotify_init fanotify_mark
    167, 168, 169, 103, 163, 172, 173, 179, 180,             # swapon swapoff reboot syslog acct iopl ioperm quotactl nfsservctl
    159, 164, 227, 305,                                      # adjtimex settimeofday clock_settime clock_adjtime
    278, 279, 256, 238, 237,                                 # vmsplice move_pages migrate_pages set_mempolicy mbind
);

# Needs that no new privileges can be had. Numbers are those of x86-64, where all emulators of ours run; elsewhere nothing is set.
sub set_filter {
    return if (POSIX::uname())[4] ne 'x86_64';
    my @socket = ([ $load, 0, 0, $first_argument_at ], (map { [ $jump_equal, @families - 1 - $_ + 1, 0, $families[$_] ] } 0 .. $#families), refused($EPERM), allowed());
    my @clone  = ([ $load, 0, 0, $first_argument_at ], [ $jump_bits, 0, 1, $namespace_flags ], refused($EPERM), allowed());
    # A kernel of user-mode-linux that panics sends itself this until it dies, and as the first process of its namespace it would not.
    my @kill = ([ $load, 0, 0, $second_argument_at ], [ $jump_equal, 0, 1, $abort ], [ $return, 0, 0, $end ], allowed());
    my @program = (
        [ $load, 0, 0, $machine_at ], [ $jump_equal, 1, 0, $x86_64 ], refused($EPERM),
        [ $load, 0, 0, $number_at ], [ $jump_at_least, 0, 1, $x32_calls ], refused($EPERM),
        (map { ([ $jump_equal, 0, 1, $_ ], refused($EPERM)) } @refused),
        [ $jump_equal, 0, 1, $number{clone3} ], refused($ENOSYS),
        [ $jump_equal, 0, scalar @socket, $number{socket} ], @socket,
        [ $jump_equal, 0, scalar @clone, $number{clone} ], @clone,
        [ $jump_equal, 0, scalar @kill, $number{kill} ], @kill,
        allowed(),
    );
    my $code = join '', map { pack 'SCCL', @$_ } @program;
    my $given = pack 'S x6 P', scalar @program, $code;
    call('prctl', $set_seccomp, $filter_mode, $given, 0, 0);
}

sub refused { my ($error) = @_; return [ $return, 0, 0, $refuse | $error ] }
sub allowed { return [ $return, 0, 0, $allow ] }

1;
