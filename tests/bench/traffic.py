"""The load balancer's data plane beside nginx and haproxy: the same backend, certificate, cipher and load."""

import os
import re
import shutil
import statistics
import subprocess
import threading
import time

import cloud
import measure
from measure import row
from peers import CIPHER, Peer

CONNECTIONS = 64
OURS = "localcloud"


def wrk(port, seconds, path="/", scheme="https"):
    """A started wrk."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", f"{scheme}://127.0.0.1:{port}{path}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def in_milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def read(out):
    """What wrk printed; failed requests are broken connections, time-outs and other statuses than 2xx and 3xx."""
    percentile = lambda name: in_milliseconds(re.search(rf"^ +{name}% +(\S+)$", out, re.MULTILINE)[1])
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    failed = sum(map(int, broken.groups())) if broken else 0
    return {
        "requests": int(re.search(r"(\d+) requests in", out)[1]),
        "rps": float(re.search(r"Requests/sec: +([\d.]+)", out)[1]),
        "p50": percentile(50),
        "p99": percentile(99),
        "failed": failed + (int(refused[1]) if refused else 0),
    }


class Ours:
    """The local cloud's load balancer as a contender."""

    name = OURS

    def __init__(self, site):
        self.site, self.process, self.port = site, site.cloud.process, site.port

    def pids(self):
        return [self.process.pid]

    def change(self, number):
        """Sends every path to the other backend set, or gives that set's backend another weight."""
        path = f"/20170115/loadBalancers/{self.site.id}"
        route = "two" if number // 2 % 2 else "one"
        if number % 2:
            return self.site.cloud.work("PUT", f"{path}/pathRouteSets/paths", cloud.path_routes(route))
        weight = {"weight": 1 + number % 7, "backup": False, "drain": False, "offline": False}
        backend = f"{self.site.address}:8080"
        self.site.cloud.work("PUT", f"{path}/backendSets/{route}/backends/{backend}", weight)

    def stop(self):
        self.site.cloud.stop()


class Other(Peer):
    """nginx or haproxy as a contender."""

    def pids(self):
        return measure.family(self.process.pid)

    def change(self, number):
        self.reload("two" if number % 2 else "one")


def measured(contender, seconds):
    """One round: what wrk says, and what the contender's processes took."""
    pids = contender.pids()
    before = measure.cpu_seconds(pids)
    out = wrk(contender.port, seconds).communicate()[0]
    figures = read(out)
    figures["cpu"] = (measure.cpu_seconds(pids) - before) / max(figures["requests"], 1) * 1e6
    figures["rss"], figures["pss"] = measure.memory(pids)
    return figures


def rounds(contenders, arguments):
    """The figures of every round, by contender."""
    by_name = {one.name: one for one in contenders}
    for one in contenders:
        measured(one, 1)
    taken = {name: [] for name in by_name}
    for order in measure.orders(list(by_name), arguments.rounds):
        for name in order:
            taken[name].append(measured(by_name[name], arguments.seconds))
    return taken


def table(taken):
    print(f"{'':<12}{'rps':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU us/request':>16}{'RSS MiB':>9}{'PSS MiB':>9}{'failed':>8}")
    for name, figures in taken.items():
        median = lambda what: statistics.median(one[what] for one in figures)
        failed = sum(one["failed"] for one in figures)
        print(
            f"{name:<12}{median('rps'):>9.0f}{median('p50'):>9.2f}{median('p99'):>9.2f}{median('cpu'):>16.1f}"
            f"{median('rss'):>9.1f}{median('pss'):>9.1f}{failed:>8}"
        )
    of = lambda name, what: [one[what] for one in taken[name]]
    for peer in taken:
        if peer == OURS:
            continue
        ratios = {what: measure.ratio(of(OURS, what), of(peer, what)) for what in ("rps", "p99", "cpu")}
        row(f"  requests per second, ours to {peer}'s", "", f"{ratios['rps']}, at least 1")
        row(f"  p99, ours to {peer}'s", "", f"{ratios['p99']}, at most 1")
        row(f"  CPU per request, ours to {peer}'s", "", ratios["cpu"])
    print(flush=True)


def under_change(contender, seconds, pause):
    """As `measured`, while routes change all the time; also how often they did."""
    over = threading.Event()
    count = 0

    def change():
        nonlocal count
        due = time.monotonic() + pause
        while not over.wait(max(due - time.monotonic(), 0)):
            due += pause
            count += 1
            contender.change(count)

    changing = threading.Thread(target=change)
    running = wrk(contender.port, seconds)
    changing.start()
    try:
        out = running.communicate()[0]
    finally:
        over.set()
        changing.join()
    return {**read(out), "changes": count}


def changes(contenders, arguments):
    """Changing routes under load. A reload of a peer starts processes; it is asked for less often."""
    print(f"routes that change under load, {arguments.seconds} s each")
    print(f"{'':<12}{'changes':>9}{'rps':>9}{'without':>9}{'p99 ms':>9}{'without':>9}{'failed':>8}")
    for contender in contenders:
        still = read(wrk(contender.port, arguments.seconds).communicate()[0])
        moving = under_change(contender, arguments.seconds, 0.1 if contender.name == OURS else 1)
        print(
            f"{contender.name:<12}{moving['changes']:>9}{moving['rps']:>9.0f}{still['rps']:>9.0f}"
            f"{moving['p99']:>9.2f}{still['p99']:>9.2f}{moving['failed']:>8}", flush=True
        )
        time.sleep(1)
    print()


def certificate(folder):
    """A self-signed certificate and its key, ECDSA P-256, in one file."""
    key, chain, both = (os.path.join(folder, name) for name in ("key.pem", "chain.pem", "both.pem"))
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", chain]
    measure.timed(command)
    with open(both, "w") as file:
        file.writelines(open(part).read() for part in (key, chain))
    return both


def run(deployer, folder, arguments):
    missing = [name for name in ("wrk", "nginx", "openssl") if not shutil.which(name)]
    if missing:
        return print(f"traffic is left out: {', '.join(missing)} is not installed\n")
    pem = certificate(folder)
    running = cloud.Cloud(deployer, os.path.join(folder, "traffic"))
    contenders = []
    try:
        running.start()
        site = cloud.Site(running, pem)
        contenders = [Ours(site)]
        for name in ("nginx", "haproxy"):
            if name in Peer.missing():
                print(f"{name} is left out: it is not installed")
                continue
            settings = {"backend": site.backend, "certificate": pem, "logs": arguments.logs}
            contenders.append(Other(name, folder, settings))
            contenders[-1].start()
        logs = "on" if arguments.logs else "off"
        print(f"TLS 1.3 {CIPHER}, ECDSA P-256, HTTP/1.1 kept alive on both sides, 128-byte answers, wrk -t2 -c{CONNECTIONS}")
        print(f"{arguments.rounds} rounds of {arguments.seconds} s in alternating order; access log: ours on, the others' {logs}")
        table(rounds(contenders, arguments))
        changes(contenders, arguments)
    finally:
        for one in contenders:
            one.stop()
        running.stop()
