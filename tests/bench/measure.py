"""What all benchmarks share: timing, alternating, tables, and what the system says of a process."""

import os
import re
import socket
import statistics
import subprocess
import sys
import time

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def timed(command, **options):
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return seconds, done.stdout


def orders(names, rounds):
    """The names once for each round, the order turned around every round."""
    for number in range(rounds):
        yield list(names) if number % 2 == 0 else list(reversed(names))


def alternate(rounds, commands):
    """Median seconds of each command."""
    taken = {name: [] for name in commands}
    for names in orders(list(commands), rounds):
        for name in names:
            taken[name].append(timed(commands[name])[0])
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def row(what, figure, goal=""):
    print(f"{what:<58} {figure:>12}   {goal}", flush=True)


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def ratio(ours, theirs):
    """The median of the ratios of rounds, with the smallest and the largest."""
    ratios = [one / other for one, other in zip(ours, theirs) if other]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def free_port():
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(what, holds, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.002)
    return found


def answers(port):
    """Whether something listens there."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def family(pid):
    """A process and the children that it works with."""
    pids = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as file:
            pids += map(int, file.read().split())
    return pids


def cpu_seconds(pids):
    """Time that the processor has spent on these processes, by the scheduler's books."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            try:
                with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                    total += int(file.read().split()[0])
            except FileNotFoundError:
                continue
    return total / 1e9


def memory(pids):
    """Resident and proportional MiB of these processes."""
    sums = {"Rss": 0, "Pss": 0}
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for name, kilobytes in re.findall(r"^(Rss|Pss): +(\d+)", file.read(), re.MULTILINE):
                sums[name] += int(kilobytes) / 1024
    return sums["Rss"], sums["Pss"]


def stop(process):
    """Ends a process that was started here, and waits for it."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
