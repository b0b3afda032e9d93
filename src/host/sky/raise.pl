#!/usr/bin/perl
# Raises a sky: user, mount and network namespaces of an ordinary user, in which he is root over what he makes and over nothing else.
#
# Arguments are pairs of name and value: the file that is to name the sky's keeper (none: it is only tried whether one can be raised), a
# process in a sky that has lost its keeper, the ids that the system has given the user beside his own, and the programs that map them. Descriptor 3 is told `ready PID`, `taken` or
# `failed REASON`.
#
# The keeper is a process that does nothing but hold the namespaces. It ends when nobody else has been in them for a while, and ends all who
# are when its file is gone: then the data directory is, and with it every machine's disk.

use strict;
use warnings;
no warnings 'exec';    # what follows an exec says that it failed
use Cwd ();
use Fcntl qw(:flock O_RDWR O_CREAT);
use File::Basename ();
use POSIX ();
my $home = File::Basename::dirname(Cwd::abs_path(__FILE__));
require "$home/../machines/syscalls.pl";
require "$home/../machines/supervision.pl";

our %given = @ARGV;
our %clone;
my ($look_seconds, $alone_max, $missing_max) = (3, 2, 2);
my ($recursive, $slave, $bind, $no_suid, $no_dev, $no_exec) = (0x4000, 0x80000, 0x1000, 2, 4, 8);
my $place = '/run/haneul-sky';

open(my $report, '>&=', 3) or die "descriptor 3: $!\n";
fcntl($report, Fcntl::F_SETFD(), Fcntl::FD_CLOEXEC()) or die "descriptor 3: $!\n";
my $file = $given{file} eq '' ? undef : claim($given{file});
my $done = eval { $given{anchor} eq '' ? raise() : hold_again(); 1 };
say_word('failed ' . ($@ =~ s/\s+/ /gr)) if !$done;
exit($done ? 0 : 1);

sub say_word { my ($word) = @_; syswrite $report, "$word\n"; close $report }

# The file, locked for as long as the keeper lives. Whoever ends takes the file away, so it is to be the one that lies there still.
sub claim {
    my ($path) = @_;
    for (;;) {
        sysopen(my $claimed, $path, O_RDWR | O_CREAT, 0600) or die "$path: $!\n";
        if (!flock($claimed, LOCK_EX | LOCK_NB)) { say_word('taken'); exit 0 }
        my ($there, $ours) = ((stat $path)[1], (stat $claimed)[1]);
        return $claimed if defined $there && $there == $ours;
    }
}

# The child becomes the keeper; its ids are mapped from outside, by programs that may.
sub raise {
    pipe(my $born, my $born_end)     or die "pipe: $!\n";
    pipe(my $mapped, my $mapped_end) or die "pipe: $!\n";
    my $keeper = fork() // die "fork: $!\n";
    if (!$keeper) {
        close $born;
        close $mapped_end;
        my $done = eval {
            call('unshare', $clone{new_users} | $clone{new_mounts} | $clone{new_network});
            syswrite $born_end, "born\n";
            close $born_end;
            sysread($mapped, my $byte, 1) or exit 1;    # why is told by the parent
            prepare();
            1;
        };
        syswrite $born_end, $@ if !$done && fileno $born_end;
        say_word('failed ' . ($@ =~ s/\s+/ /gr)) if !$done;
        keep() if $done && $file;
        say_word("ready $$") if $done;
        POSIX::_exit(0);
    }
    close $born_end;
    close $mapped;
    my $word = do { local $/; <$born> } // '';
    exit 1 if $word ne "born\n";                        # the child has told why
    run($given{newuidmap}, $keeper, 0, $<, 1, 1, split / /, $given{users});
    run($given{newgidmap}, $keeper, 0, $( + 0, 1, 1, split / /, $given{groups});
    syswrite $mapped_end, '1';
    waitpid $keeper, 0 if !$file;
}

# The keeper of a sky in which others live has been killed: a new one holds the same namespaces, which it finds with one of them.
sub hold_again {
    my ($users, $mounts) = map { handle_of("/proc/$given{anchor}/ns/$_") } qw(user mnt);
    call('setns', fileno $users,  $clone{new_users});
    call('setns', fileno $mounts, $clone{new_mounts});
    my $network = handle_of("$place/network");
    call('setns', fileno $network, $clone{new_network});
    my $keeper = fork() // die "fork: $!\n";
    keep() if !$keeper;
}

# A /run of the sky's own, over the host's, where `ip netns` and machines keep what they have: what else lies there is found as before.
# The network namespace takes the part that is the host's own where Haneul is root of the host.
sub prepare {
    mount('none', '/', '', $recursive | $slave);
    my $run = detached_tree('/run');
    mount('tmpfs', '/run', 'tmpfs', $no_suid | $no_dev, 'mode=755');
    mkdir '/run/.host', 0755 or die "/run/.host: $!\n";
    put_mount($run, '/run/.host');
    opendir(my $names, '/run/.host') or die "/run: $!\n";
    for my $name (grep { !/\A(?:\.\.?|netns|haneul|haneul-sky)\z/ } readdir $names) { symlink("/run/.host/$name", "/run/$name") }
    mkdir $_, 0755 for '/run/netns', $place;
    open(my $network, '>', "$place/network") or die "$place: $!\n";
    mount('/proc/self/ns/net', "$place/network", '', $bind);
    # Machines have one of their own each: whether this one may have it is known now.
    my $inner = fork() // die "fork: $!\n";
    if (!$inner) {
        my $mounts = eval { call('unshare', $clone{new_mounts} | $clone{new_processes} | $clone{new_network}); 1 };
        POSIX::_exit($mounts ? try_processes() : 1);
    }
    waitpid $inner, 0;
    die "processes of machines cannot be shown to themselves: /proc of this host is covered in part\n" if $? != 0;
}

sub try_processes {
    my $child = fork() // return 1;
    POSIX::_exit(eval { mount('proc', '/proc', 'proc', $no_suid | $no_dev | $no_exec); 1 } ? 0 : 1) if !$child;
    waitpid $child, 0;
    return $? >> 8;
}

sub keep {
    POSIX::setsid();
    chdir '/';
    open(STDIN, '<', '/dev/null');
    open($_, '>', '/dev/null') for *STDOUT, *STDERR;
    my $waited_for = 0;
    $SIG{HUP} = sub { $waited_for = 1 };    # somebody is coming
    my $words = join(' ', $$, start_time($$), read_file('/proc/sys/kernel/random/boot_id')) . "\n";
    sysseek $file, 0, 0;
    truncate $file, 0;
    syswrite $file, $words;
    say_word("ready $$");
    my ($alone, $missing) = (0, 0);
    while ($alone < $alone_max) {
        sleep $look_seconds;
        $missing = (eval { read_file($given{file}) } // '') eq $words =~ s/\n//r ? 0 : $missing + 1;
        last if $missing >= $missing_max;
        $alone = $waited_for || others() ? 0 : $alone + 1;
        $waited_for = 0;
    }
    unlink $given{file} if $missing == 0;
    while (my @others = others()) { kill 'KILL', @others; select(undef, undef, undef, 0.05) }
    POSIX::_exit(0);
}

# Processes in these namespaces beside the keeper.
sub others {
    my $own = readlink '/proc/self/ns/user';
    opendir(my $processes, '/proc') or return;
    return grep { /\A\d+\z/ && $_ != $$ && (readlink("/proc/$_/ns/user") // '') eq $own } readdir $processes;
}

sub detached_tree { my ($path) = @_; return call('open_tree', -100, $path, 1 | 0x80000 | 0x8000) }    # CLONE, CLOEXEC, AT_RECURSIVE

sub mount {
    my ($source, $target, $type, $flags, $options) = @_;
    $options //= '';
    call('mount', $source, $target, $type, $flags, $options);
}
