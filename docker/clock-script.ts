// What steers the clock of the programs on a node, inside its machine: a script for Perl, which every Debian system has.
// It writes the control file that libfaketime reads at each look at the clock, always by rename, so that nobody ever
// reads half of one; and where the clock is to move by itself it leaves a driver behind, a process that rewrites the
// file as time passes and ends when a later command takes over or when there is nothing left to move.
//
// Arguments: directory, monotonic (1 or 0), command, and the command's numbers, in seconds.
//
//   prepare               the neutral control file, where there is none yet
//   bump BY · rate R · strobe DELTA PERIOD DURATION · reset
//
// libfaketime 0.9.10 shows
//
//   start + offset + (now − start) × rate
//
// where start is when the program was started, so that a rate would mean something else to each program, and to change it
// would throw the clock about. Two ways out, by what was asked for:
//
// Wall clock only: the rate in the file is always 1 and the driver moves the offset. So all programs agree, whenever they
// were started, and sleeping and polling are left alone, which libfaketime stretches by its rate even where it leaves the
// monotonic clock alone. The price: the clock moves in steps (see `step`), and a slow one goes forward by a step and back
// by a part of it.
//
// Monotonic clock too: the same start and offset hold for both clocks, and a jump of the monotonic one hangs programs; so
// the rate is libfaketime's, the offset changes with it in such a way that nothing jumps, and the right time is reached
// again by going slower or faster for a while. That needs one start for all programs: libfaketime takes it from shared
// memory, meant for the children of one program, and we lay that out ourselves. Its semaphore is made so large that a
// program that was killed in the middle of its start blocks nobody.

export const clockScript = String.raw`
use strict;
use warnings;
use Fcntl qw(:flock);
use POSIX ();
use Time::HiRes qw(time sleep clock_gettime CLOCK_MONOTONIC);

my ($directory, $monotonic, $command, @numbers) = @ARGV;
my ($control, $plan) = ("$directory/control", "$directory/plan");
my $shared = $directory =~ tr{/}{-}r;
my $lead = 0.002;

sub now { clock_gettime(CLOCK_MONOTONIC) }

sub put {
  my ($path, $text) = @_;
  my $new = "$path.$$";
  open(my $file, '>', $new) or die "$new: $!\n";
  binmode $file;
  (print {$file} $text) && close($file) or die "$new: $!\n";
  rename($new, $path) or die "$path: $!\n";
}

# Nobody else reads or writes the plan meanwhile.
sub locked {
  my ($action) = @_;
  open(my $lock, '>>', "$directory/lock") or die "$directory/lock: $!\n";
  flock($lock, LOCK_EX) or die "$directory/lock: $!\n";
  return $action->();
}

# turn: counts commands. offset: of the clock at 'since' (monotonic, as all times). until: when 'rate' (monotonic) or the
# strobe (wall) ends, 0: never.
my @fields = qw(turn origin offset since rate delta period from until);

sub load {
  open(my $file, '<', $plan) or die "$plan: $!\n";
  my %plan;
  @plan{@fields} = split ' ', <$file>;
  return \%plan;
}

sub save { my ($p) = @_; put($plan, join(' ', map { sprintf '%.9f', $_ } @$p{@fields}) . "\n") }

sub drift { my ($p, $t) = @_; return $p->{offset} + ($t - $p->{since}) * ($p->{rate} - 1) }

sub shake {
  my ($p, $t) = @_;
  return 0 if $t < $p->{from} || $t >= $p->{until};
  return int(($t - $p->{from}) / $p->{period}) % 2 == 0 ? $p->{delta} : 0;
}

sub line {
  my ($p, $t) = @_;
  return sprintf("%+.9f\n", drift($p, $t) + shake($p, $t)) unless $monotonic;
  # What drift() says, in libfaketime's terms: from the common start on.
  my $offset = $p->{offset} - ($p->{since} - $p->{origin}) * ($p->{rate} - 1);
  return sprintf("%+.9f x%.9f\n", $offset, $p->{rate});
}

sub moves { my ($p, $t) = @_; return $t < $p->{until} || (!$monotonic && $p->{rate} != 1) }

# Seconds until the file must be written again.
sub step {
  my ($p, $t) = @_;
  my $step = 1;
  # None moves the clock by more than a millisecond, or is shorter than one.
  if ($monotonic) { $step = $p->{until} - $t }
  else {
    my $error = abs($p->{rate} - 1);
    $step = 0.001 / $error if $error > 0.001;
    $step = 0.001 if $step < 0.001;
    if ($t < $p->{until}) {
      my $toggle = $p->{period} - POSIX::fmod($t - $p->{from}, $p->{period});
      $step = $toggle if $toggle < $step;
      $step = $p->{until} - $t if $p->{until} - $t < $step;
    }
  }
  return $step > 0.0002 ? $step : 0.0002;
}

# At the new rate from now on, without a jump, and never back: the monotonic clock must not, so where it slows down the
# bend lies a little ahead of the writing of the file, and where it speeds up behind it.
sub bend {
  my ($p, $rate) = @_;
  my $t = now();
  $t += $lead if $monotonic && $rate < $p->{rate};
  $p->{offset} = drift($p, $t);
  $p->{since} = $t;
  $p->{rate} = $rate;
  return $t;
}

# Towards the right time at a pace that hangs nobody.
sub slew {
  my ($p) = @_;
  my $t = bend($p, 1);
  $p->{until} = $p->{from} = 0;
  return if abs($p->{offset}) < 0.003;
  $p->{rate} = $p->{offset} > 0 ? 0.25 : 4;
  $p->{until} = $t + $p->{offset} / (1 - $p->{rate});
}

# A slew that ended late on a busy machine has gone too far, and is followed by a shorter one.
sub finish {
  my ($p, $t) = @_;
  return if $t < $p->{until} || $p->{until} == 0;
  if ($monotonic) { slew($p) } else { $p->{until} = $p->{from} = 0 }
  save($p);
}

sub drive {
  my ($turn) = @_;
  while (1) {
    my $pause = locked(sub {
      my $p = load();
      return 0 if $p->{turn} != $turn;
      my $t = now();
      finish($p, $t);
      put($control, line($p, $t));
      return moves($p, $t) ? step($p, $t) : 0;
    });
    return if $pause == 0;
    sleep($pause);
  }
}

sub leave_driver {
  my ($turn) = @_;
  my $child = fork();
  die "fork: $!\n" unless defined $child;
  return if $child != 0;
  POSIX::setsid();
  chdir('/');
  open($_->[0], $_->[1], '/dev/null') for [*STDIN, '<'], [*STDOUT, '>'], [*STDERR, '>'];
  drive($turn);
  POSIX::_exit(0);
}

sub change {
  my ($what) = @_;
  my $p = locked(sub {
    my $p = load();
    finish($p, now());
    $what->($p);
    $p->{turn} += 1;
    save($p);
    put($control, line($p, now()));
    return $p;
  });
  leave_driver($p->{turn}) if moves($p, now());
  return $p;
}

sub wait_for {
  my ($p) = @_;
  my $turn = $p->{turn};
  while ($p->{turn} == $turn && $p->{until} > 0) {
    die "the clock is not driven any more\n" if now() > $p->{until} + 5;
    sleep(0.02);
    $p = locked(\&load);
  }
}

my %commands = (
  prepare => sub {
    umask 022;
    -d $directory or mkdir $directory or die "$directory: $!\n";
    locked(sub {
      return if -e $control && -e $plan && -e "/dev/shm/$shared" && -e "/dev/shm/sem.$shared";
      my ($real, $t) = (time(), now());
      # struct ft_shared_s: two counters, and the start by CLOCK_REALTIME, _MONOTONIC, _MONOTONIC_RAW and _BOOTTIME.
      my @start = map { (int($_), int(($_ - int($_)) * 1e9)) } ($real, $t, clock_gettime(4), clock_gettime(7));
      put("/dev/shm/$shared", pack('Q2 q8 x4016', 0, 0, @start));
      # struct new_sem of glibc: the value, and that it is shared between processes.
      put("/dev/shm/sem.$shared", pack('Q l l x16', 1_000_000, 128, 0));
      my $p = { (map { $_ => 0 } @fields), origin => $t, since => $t, rate => 1 };
      save($p);
      put($control, line($p, $t));
    });
  },
  bump => sub {
    my ($by) = @numbers;
    die "a jump of the monotonic clock would hang the program\n" if $monotonic;
    change(sub { my ($p) = @_; bend($p, $p->{rate}); $p->{offset} += $by });
  },
  rate => sub {
    my ($rate) = @numbers;
    change(sub { my ($p) = @_; bend($p, $rate); $p->{until} = 0 if $monotonic });
  },
  strobe => sub {
    my ($delta, $period, $duration) = @numbers;
    die "a jump of the monotonic clock would hang the program\n" if $monotonic;
    my $p = change(sub {
      my ($p) = @_;
      my $t = now();
      @$p{qw(delta period from until)} = ($delta, $period, $t, $t + $duration);
    });
    wait_for($p);
  },
  reset => sub {
    my $p = change(sub {
      my ($p) = @_;
      if ($monotonic) { slew($p); return }
      bend($p, 1);
      $p->{until} = $p->{from} = $p->{offset} = 0;
    });
    wait_for($p) if $p->{until} > 0;
  },
);

# Tells how long 'reset' will take, for who waits.
$commands{'reset-takes'} = sub {
  my $p = locked(\&load);
  my $offset = $monotonic ? drift($p, now()) : 0;
  printf "%.3f", $offset > 0 ? $offset / 0.75 : -$offset / 3;
};

$commands{$command}->();
`;
