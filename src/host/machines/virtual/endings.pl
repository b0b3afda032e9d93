# How a machine has ended, by how its emulator did and by the last line of its console.

use strict;
use warnings;

# A guest of user-mode-linux that reboots has its kernel run the program again that it was: another one, which ends so.
our $rebooted_code = 78;

# `reboot`, `signal 9`, `code 0`, or why it failed. $rebooted: the emulator has told that its guest asked for a reboot.
sub end_of {
    my ($how, $word, $rebooted) = @_;
    return 'reboot' if $how eq "code $rebooted_code" || ($rebooted && $how eq 'code 0');
    return $how if $how eq 'code 0' || $how eq 'signal 9';
    $word =~ s/[^\x20-\x7e]//g;
    # A kernel of user-mode-linux has been seen to fall on a busy host when all was done: what it had come to is told by its last words.
    if ($how eq 'signal 31') {
        return 'code 0' if $word =~ /\Areboot: (System halted|Power down)/;
        return 'reboot' if $word =~ /\Areboot: Restarting system/;
    }
    return "failed the emulator ended with $how: " . substr($word, 0, 300);
}

1;
