"""What a matched request costs the mock server, beside WireMock with the same stubs and nginx with a fixed answer."""

import json
import os
import shutil
import statistics
import subprocess
import urllib.request

import measure
import traffic
from measure import row

STUBS = 2000
OURS = "mock"
BODY = "x" * 128
NGINX = """worker_processes 2; daemon off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t;
  uwsgi_temp_path t; scgi_temp_path t;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{body}"; }} }} }}
"""


def asked(url, method="GET", document=None):
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", "Accept": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def mappings():
    """As many kinds of URL as people write, most of them plain; the one that is asked for is none of the first."""
    for number in range(STUBS):
        url = {"urlPathPattern": f"/other{number}/[0-9]+"} if number % 10 == 0 else {"urlPath": f"/things/{number}"}
        yield {"request": {"method": "GET", **url}, "response": {"status": 200, "body": BODY}}


class Contender:
    """A started server, and the URL that is asked."""

    def __init__(self, name, command, port, **options):
        self.name, self.port = name, port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        measure.wait_until(name, lambda: measure.answers(port), 60)
        self.path = f"/things/{STUBS // 2 + 1}"

    def fill(self, admin):
        for mapping in mappings():
            asked(f"{admin}/mappings", "POST", mapping)

    def pids(self):
        return measure.family(self.process.pid)


def site(program):
    port = measure.free_port()
    one = Contender(OURS, [program], port, env={"HOST": "127.0.0.1", "PORT": str(port)})
    made = json.loads(asked(f"http://127.0.0.1:{port}/mock", "POST", {}))
    one.fill(f"{made['client']}/__admin")
    one.path = f"/mock/at/{made['id']}{one.path}"
    return one


def wiremock(jar):
    port = measure.free_port()
    options = ["--bind-address", "127.0.0.1", "--max-request-journal-entries", "1000", "--disable-banner"]
    one = Contender("WireMock", ["java", "-jar", jar, "--port", str(port), *options], port)
    measure.wait_until("WireMock", lambda: healthy(port), 60)
    one.fill(f"http://127.0.0.1:{port}/__admin")
    return one


def healthy(port):
    try:
        return asked(f"http://127.0.0.1:{port}/__admin/health")
    except OSError:
        return None


def nginx(folder):
    port, folder = measure.free_port(), os.path.join(folder, "fixed")
    os.makedirs(folder)
    with open(os.path.join(folder, "nginx.conf"), "w") as file:
        file.write(NGINX.format(port=port, body=BODY))
    return Contender("nginx", ["nginx", "-p", folder, "-c", "nginx.conf"], port)


def round_of(one, seconds):
    before = measure.cpu_seconds(one.pids())
    figures = traffic.read(traffic.wrk(one.port, seconds, one.path, "http").communicate()[0])
    figures["cpu"] = (measure.cpu_seconds(one.pids()) - before) / max(figures["requests"], 1) * 1e6
    figures["rss"] = measure.memory(one.pids())[0]
    return figures


def run(folder, arguments):
    missing = [name for name in ("wrk", "nginx") if not shutil.which(name)]
    if missing:
        return print(f"mock is left out: {', '.join(missing)} is not installed\n")
    measure.timed(["cargo", "build", "--profile", "image", "--locked", "--package", "webapp"], cwd=measure.REPOSITORY)
    contenders = [site(os.path.join(measure.REPOSITORY, "target", "image", "webapp")), nginx(folder)]
    if arguments.wiremock:
        contenders.append(wiremock(arguments.wiremock))
    else:
        print("WireMock is left out: give its jar with --wiremock (the npm package wiremock has it)")
    try:
        print(f"mock: {STUBS} stubs, journal on, HTTP/1.1 kept alive, 128-byte answers, wrk -t2 -c{traffic.CONNECTIONS}")
        for one in contenders:
            # A Java machine needs some seconds to have compiled what runs often.
            round_of(one, 20 if one.name == "WireMock" else 1)
        taken = {one.name: [] for one in contenders}
        by_name = {one.name: one for one in contenders}
        for order in measure.orders(list(by_name), arguments.rounds):
            for name in order:
                taken[name].append(round_of(by_name[name], arguments.seconds))
        tell(taken)
    finally:
        for one in contenders:
            measure.stop(one.process)


def tell(taken):
    print(f"{'':<12}{'rps':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU us/request':>16}{'RSS MiB':>9}{'failed':>8}")
    for name, figures in taken.items():
        median = lambda what: statistics.median(one[what] for one in figures)
        print(f"{name:<12}{median('rps'):>9.0f}{median('p50'):>9.2f}{median('p99'):>9.2f}{median('cpu'):>16.1f}{median('rss'):>9.1f}{sum(one['failed'] for one in figures):>8}")
    of = lambda name, what: [one[what] for one in taken[name]]
    row("  CPU of a matched request", f"{statistics.median(of(OURS, 'cpu')):.1f} us", "at most 15 us")
    row("  memory", f"{statistics.median(of(OURS, 'rss')):.1f} MiB", "at most 40 MiB")
    row("  CPU per request, ours to nginx's", "", f"{measure.ratio(of(OURS, 'cpu'), of('nginx', 'cpu'))}, at most 2")
    if "WireMock" in taken:
        row("  CPU per request, WireMock's to ours", "", f"{measure.ratio(of('WireMock', 'cpu'), of(OURS, 'cpu'))}, at least 15")
    print(flush=True)
