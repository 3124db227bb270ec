#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Runs TAP programs, TEST_JOBS at a time (1), and closes with "N passed, M failed".
use strict;
use warnings;
use TAP::Harness;

@ARGV or die "usage: tests/harness.pl TEST...\n";
my $harness = TAP::Harness->new({
    exec => sub {
        my (undef, $file) = @_;
        return ['python3', $file] if $file =~ /\.py$/;
        return $ENV{EMULATE} ? [$ENV{EMULATE}, $file] : [$file];
    },
    jobs      => $ENV{TEST_JOBS} || 1,
    verbosity => $ENV{V} ? 1 : 0,
    merge     => 0,
    color     => -t STDOUT ? 1 : 0,
});
my $result = $harness->runtests(@ARGV);
my $failed = $result->failed;

# A program that died, or ran another number of tests than it said, has failed
# even when each of its tests passed.
for my $p ($result->parsers) {
    $failed++ if ($p->exit || $p->wait || $p->parse_errors) && !$p->failed;
}
printf "%d passed, %d failed", scalar($result->passed), $failed;
printf ", %d skipped", scalar($result->skipped) if $result->skipped;
print "\n";
exit($failed ? 1 : 0);
