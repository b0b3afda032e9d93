#!/usr/bin/perl
# Runs a program in a container, with a terminal of its own there, for who sits at the terminal that is the standard input: crun hands the new
# one over (--console-socket), and knows of no new sizes itself.
#
# Arguments: a directory for the socket, crun's state directory, the container, and the program's. Ends with the program's code.

use strict;
use warnings;
use Cwd ();
use File::Basename ();
use POSIX qw(BRKINT CS8 CSIZE ECHO ECHONL ICANON ICRNL IEXTEN IGNBRK IGNCR INLCR ISIG ISTRIP IXON OPOST PARENB PARMRK TCSANOW);
my $home = File::Basename::dirname(Cwd::abs_path(__FILE__));
require "$home/../syscalls.pl";
require "$home/../supervision.pl";
require "$home/mount-door.pl";
require "$home/relay.pl";

my $get_size = 0x5413;    # TIOCGWINSZ
my ($place, $state, $id, @command) = @ARGV;
my $path = "$place/terminal-$$";

my $listener = listener_at($path);
my $child = fork() // die "fork: $!\n";
if (!$child) {
    open(STDIN, '<', '/dev/null') or die "/dev/null: $!\n";
    exec { 'crun' } 'crun', '--root', $state, 'exec', '--tty', "--console-socket=$path", $id, @command;
    exit 127;
}
my $ended = call('pidfd_open', $child, 0);
my $terminal = handed_over();
unlink $path;
if ($terminal) {
    my $settings = -t STDIN ? raw() : undef;
    local $SIG{WINCH} = \&take_size;
    take_size();
    relay($terminal, [ $ended, sub { return } ]);
    show_rest();
    $settings->setattr(0, TCSANOW) if $settings;
    close $terminal;    # whoever still holds the other side is hung up on
}
waitpid $child, 0;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);

# Undefined where crun ends before.
sub handed_over {
    my ($readable, $ready) = ('', '');
    vec($readable, $_, 1) = 1 for fileno $listener, $ended;
    1 while select($ready = $readable, undef, undef, undef) < 0;
    return if !vec($ready, fileno $listener, 1);
    accept(my $visitor, $listener) or return;
    return received_handle($visitor);
}

# What has been said before the end.
sub show_rest {
    my $text = '';
    1 while sysread($terminal, $text, 65536, length $text);
    while (length $text) { give(*STDOUT, \$text) or return; select(undef, undef, undef, 0.01) if length $text }
}

sub take_size {
    my $size = "\0" x 8;
    ioctl(STDIN, $get_size, $size) or return;
    my ($rows, $columns) = unpack('S2', $size);
    resize($terminal, $columns, $rows);
}

# From here on every key is the program's. Returns the settings of before.
sub raw {
    my ($before, $raw) = map { my $of = POSIX::Termios->new; $of->getattr(0); $of } 1, 2;
    $raw->setiflag($raw->getiflag & ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON));
    $raw->setoflag($raw->getoflag & ~OPOST);
    $raw->setlflag($raw->getlflag & ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN));
    $raw->setcflag($raw->getcflag & ~(CSIZE | PARENB) | CS8);
    $raw->setattr(0, TCSANOW);
    return $before;
}
