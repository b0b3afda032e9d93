#!/usr/bin/perl
# The parent of one emulator: starts it where it sees nothing but its own disks, keeps its console, and writes down how it ended.
#
# It goes on when Haneul ends. The emulator is the first process of a process namespace of its own, so all of it ends with it.
# Arguments are pairs of name and value. Descriptor 3 is told `running PID` or `failed REASON` and then closed.

use strict;
use warnings;
no warnings 'exec';    # what follows an exec says that it failed
use Cwd ();
use Fcntl ();
use File::Basename ();
use POSIX ();
my $home = File::Basename::dirname(Cwd::abs_path(__FILE__));
require "$home/../syscalls.pl";
require "$home/../supervision.pl";
require "$home/jail.pl";
require "$home/filter.pl";
require "$home/lines.pl";
require "$home/endings.pl";

our %given = @ARGV;
our %clone;
my $no_new_privileges = 38;

$SIG{PIPE} = 'IGNORE';
$SIG{HUP}  = 'IGNORE';
open(my $report, '>&=', 3) or die "descriptor 3: $!\n";
fcntl($report, Fcntl::F_SETFD(), Fcntl::FD_CLOEXEC()) or die "descriptor 3: $!\n";
my $boot = read_file('/proc/sys/kernel/random/boot_id');
write_file('supervisor', join(' ', $$, start_time($$), $boot) . "\n");
my ($console, @lines);
# The guest has asked for a reboot: its next start has the settings of then.
my $rebooted = 0;
# What user-mode-linux runs in its own place when its guest reboots.
our $rebooted_code;
my $rebooter = '/linux.uml';
my $emulator = eval { start() };
if (!$emulator) {
    my $reason = $@ || 'unknown';
    $reason =~ s/\s+/ /g;
    write_file('exit', "failed $reason\n");
    syswrite $report, "failed $reason\n";
    exit 1;
}
syswrite $report, "running $emulator\n";
close $report;
my $how = keep_console($emulator, $console, @lines);
write_file('exit', end_of($how, last_line("$given{directory}/console"), $rebooted) . "\n");
exit 0;

sub start {
    grow_file_system() if $given{grow};
    pipe($console, my $console_end) or die "pipe: $!\n";
    pipe(my $failure, my $failure_end) or die "pipe: $!\n";
    my @line_ends = open_lines();
    call('unshare', $clone{new_processes});
    my $child = fork() // die "fork: $!\n";
    if (!$child) {
        close $console;
        eval { become_emulator($console_end, @line_ends) };
        syswrite $failure_end, $@;
        POSIX::_exit(127);
    }
    close $console_end;
    close $failure_end;
    close $_ for @line_ends;
    my $reason = do { local $/; <$failure> } // '';
    if ($reason ne '') {
        waitpid $child, 0;
        die $reason;
    }
    my $identity = join(' ', $child, start_time($child), start_time($$), $$, $boot) . "\n";
    put_line("$given{run}/running", $identity);    # for one who has lost the machine's directory
    write_file('running', $identity);
    return $child;
}

# Serial lines, by the names of their sockets: the emulator has the other ends as its descriptors from 3 on. After them comes the monitor of one
# that reports how its guest ended.
sub open_lines {
    my @ends;
    for my $name (split /,/, $given{lines}) {
        my ($line, $end) = new_line("$given{run}/control/$name");
        push @lines, $line;
        push @ends,  $end;
    }
    if (($given{reboots} // '') eq 'reported') {
        my $text = '';
        my ($line, $end) = new_report(qq({"execute":"qmp_capabilities"}\n), sub {
            $text .= $_[0];
            $rebooted = 1 if $text =~ /"event": "SHUTDOWN".*"reason": "guest-reset"/;
            $text =~ s/.*\n//s;
        });
        push @lines, $line;
        push @ends,  $end;
    }
    return @ends;
}

# Descriptors that are to be replaced may be ones that are to be handed over: so all are moved out of the way first.
sub hand_over {
    my @numbers = map { POSIX::dup2(fileno $_, 20 + fileno $_); 20 + fileno $_ } @_;
    POSIX::dup2($numbers[$_], 3 + $_) for 0 .. $#numbers;
    # Nothing else of the host's is inherited, whoever has started Haneul.
    call('close_range', 3 + @numbers, 0xffffffff, 4);    # CLOSE_RANGE_CLOEXEC
}

# The guest's own kernel mounts it; here only a program without rights reads what the guest has written.
sub grow_file_system {
    my @unprivileged = ('setpriv', "--reuid=$given{user}", "--regid=$given{user}", '--clear-groups', '--no-new-privs', '--inh-caps=-all');
    open(my $volume, '<&=', device_mount($given{volume})) or die "$given{volume}: $!\n";
    fcntl($volume, Fcntl::F_SETFD(), 0) or die "$given{volume}: $!\n";
    my $path = '/proc/self/fd/' . fileno $volume;
    run({ accepted => 1 }, @unprivileged, 'e2fsck', '-f', '-p', $path);    # 1: errors were corrected
    run(@unprivileged, 'resize2fs', $path);
}

sub become_emulator {
    my ($console_end, @line_ends) = @_;
    my @command = split /\0/, read_file("$given{directory}/command");
    call('unshare', $clone{new_mounts} | $clone{new_messages} | $clone{new_names});
    for my $group (split /:/, $given{groups}) { put_line("$group/cgroup.procs", '0') }
    my $network = handle_of($given{network});
    enter_jail();
    put_rebooter() if ($given{reboots} // '') eq 'itself';
    call('setns', fileno $network, $clone{new_network});
    open(STDIN, '<', '/dev/null') or die "/dev/null: $!\n";
    POSIX::setsid();
    POSIX::dup2(fileno $console_end, 1);
    POSIX::dup2(fileno $console_end, 2);
    hand_over(@line_ends);
    $) = "$given{user} $given{user}";
    $( = $given{user};
    POSIX::setuid($given{user}) or die "setuid: $!\n";
    call('prctl', $no_new_privileges, 1, 0, 0, 0);
    set_filter();
    %ENV = (PATH => '/usr/bin', HOME => '/tmp', TMPDIR => '/tmp', LC_ALL => 'C');
    my $program = $command[0];
    $command[0] = $rebooter if ($given{reboots} // '') eq 'itself';
    exec { $program } @command;
    die "$command[0]: $!\n";
}

# A kernel of user-mode-linux that restarts runs the program again by the name by which it was called.
sub put_rebooter {
    put_line($rebooter, "#!/bin/sh\nexit $rebooted_code\n");
    chmod 0755, $rebooter or die "$rebooter: $!\n";
}
