#!/usr/bin/perl
# Reads a delivery status notification from standard input with a bounce parser that is not ours and prints what it
# found as one JSON object. Exit status 2: the parser is not installed.
use strict;
use warnings;

eval { require Mail::DeliveryStatus::BounceParser; require JSON::PP; 1 } or exit 2;
binmode STDIN;
my $text = do { local $/; <STDIN> };
my $bounce = Mail::DeliveryStatus::BounceParser->new($text);
my ($report) = $bounce->reports;
my %facts = (is_bounce => $bounce->is_bounce ? 1 : 0, original => $bounce->orig_message_id // '');
if ($report) {
    for my $pair ([recipient => 'email'], [reason => 'std_reason'], [action => 'action'], [status => 'status']) {
        my $value = $report->get($pair->[1]);
        $value = '' unless defined $value;
        $value =~ s/\s+\z//;
        $facts{$pair->[0]} = $value;
    }
}
print JSON::PP->new->canonical->encode(\%facts), "\n";
