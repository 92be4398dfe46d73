# SPDX-License-Identifier: GPL-2.0
# leak.pl COUNT PORT: takes COUNT connections of its own, whose other ends close, reads their EOF and
# keeps them; USR1 closes them. leak.pl reuse PORT: ends one TIME_WAIT by taking its tuple again.
use strict;
use warnings;
use Socket;

my ($count, $port) = @ARGV;

sub make {
	socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
	setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
	return $socket;
}

sub pair {	# the end that was accepted, after the other has closed
	my ($listener, $from) = @_;
	my $client;
	for (1 .. 100) {	# the one before may not be in TIME_WAIT yet
		$client = make();
		bind($client, pack_sockaddr_in($from, INADDR_LOOPBACK)) or die "bind: $!" if $from;
		last if connect($client, pack_sockaddr_in($port, INADDR_LOOPBACK));
		die "connect: $!" unless $from && $!{EADDRNOTAVAIL} && $_ < 100;
		select(undef, undef, undef, 0.05);
	}
	accept(my $server, $listener) or die "accept: $!";
	close($client);
	sysread($server, my $byte, 1);
	return $server;
}

my $listener = make();
bind($listener, pack_sockaddr_in($port, INADDR_LOOPBACK)) or die "bind: $!";
listen($listener, 1024) or die "listen: $!";
if ($count eq 'reuse') {
	close(pair($listener, $port + 1)) for 1 .. 2;
	exit;
}
my @kept = map { pair($listener) } 1 .. $count;
$SIG{USR1} = sub { @kept = () };
sleep 1 while 1;
