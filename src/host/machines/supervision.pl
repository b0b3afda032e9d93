# What supervisors of machines do alike: keep the console, run programs, write down what happened. %given names the machine's directory.

use strict;

our %given;
my $console_bytes_max = 1024 * 1024;

# Copies what a machine writes into a file of bounded size, until its first process ends. Returns how it ended.
# Lines, if there are any, are looked after at the same time.
sub keep_console {
    my ($pid, $console, @lines) = @_;
    my $ended = call('pidfd_open', $pid, 0);
    my $path  = "$given{directory}/console";
    open(my $file, '>>', $path) or die "$path: $!\n";
    my $bytes = -s $file;
    my ($console_fd, $open) = (fileno $console, 1);
    for (;;) {
        my $wanted = '';
        vec($wanted, $ended, 1) = 1;
        vec($wanted, $console_fd, 1) = 1 if $open;
        my $writable = '';
        watch_line($_, \$wanted, \$writable) for @lines;
        next if select(my $ready = $wanted, $writable, undef, undef) < 0;
        serve_line($_, $ready, $writable) for @lines;
        if ($open && vec($ready, $console_fd, 1)) {
            my $count = sysread $console, my $piece, 65536;
            if (!$count) { $open = 0; next }
            if ($bytes + $count > $console_bytes_max) {
                rename $path, "$path.old";
                # Without room for another file the machine goes on; what it says until there is some is lost.
                open(my $another, '>', $path) or next;
                ($file, $bytes) = ($another, 0);
            }
            syswrite $file, $piece;
            $bytes += $count;
            next;
        }
        last if vec($ready, $ended, 1);
    }
    waitpid $pid, 0;
    return ($? & 127) ? 'signal ' . ($? & 127) : 'code ' . ($? >> 8);
}

# Runs a program that must end with 0, or with another code that is accepted.
sub run {
    my $accepted = ref $_[0] ? (shift)->{accepted} : 0;
    my @command = @_;
    my $child = open(my $output, '-|') // die "fork: $!\n";
    if (!$child) {
        open(STDERR, '>&', \*STDOUT);
        exec { $command[0] } @command;
        exit 127;
    }
    my $text = do { local $/; <$output> } // '';
    close $output;
    die "$command[0]: $text\n" if $? != 0 && $? != $accepted << 8;
}

sub run_quietly { my @command = @_; eval { run(@command); 1 } or print STDERR $@ }

sub start_time {
    my ($pid) = @_;
    my $stat = read_file("/proc/$pid/stat");
    return (split / /, substr($stat, rindex($stat, ')') + 2))[19];
}

sub read_file { my ($path) = @_; my $handle = handle_of($path); my $text = do { local $/; <$handle> } // ''; $text =~ s/\s+\z//; return $text }
sub put_line { my ($path, $text) = @_; open(my $handle, '>', $path) or die "$path: $!\n"; print {$handle} $text; close $handle or die "$path: $!\n" }

sub write_file {
    my ($name, $text) = @_;
    put_line("$given{directory}/$name.new", $text);
    rename "$given{directory}/$name.new", "$given{directory}/$name" or die "$name: $!\n";
}

sub last_line { my ($path) = @_; my $text = eval { read_file($path) } // ''; return (split /\n/, $text)[-1] // '' }

1;
