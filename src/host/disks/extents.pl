#!/usr/bin/perl
# Where a sparse file holds data: a line `START END` each, END exclusive.

use strict;
use warnings;

my ($seek_data, $seek_hole) = (3, 4);
open(my $file, '<', $ARGV[0]) or die "$ARGV[0]: $!\n";
my $size = -s $file;
for (my $at = 0; $at < $size;) {
    my $start = sysseek($file, $at, $seek_data) // last;
    my $end = sysseek($file, $start, $seek_hole) // die "$ARGV[0]: $!\n";
    print 0 + $start, ' ', 0 + $end, "\n";
    $at = $end;
}
