"""The local cloud before any traffic: its start, its idle memory, its calls."""

import os
import statistics
import time

import cloud
import measure
from measure import milliseconds, row

READS, CHANGES = 1000, 200


def start(deployer, folder, arguments):
    first, again = [], []
    for number in range(arguments.rounds):
        one = cloud.Cloud(deployer, os.path.join(folder, f"start{number}"))
        try:
            first.append(one.start())
            one.stop()
            again.append(one.start())
            time.sleep(1)
            resident, proportional = measure.memory([one.process.pid])
        finally:
            one.stop()
    row("start of the local cloud with nothing, keys made", milliseconds(statistics.median(first)), "under 100 ms")
    row("start with its state", milliseconds(statistics.median(again)), "under 100 ms")
    row("idle memory, RSS and PSS", f"{resident:.1f} MiB", f"under 60 MB; PSS {proportional:.1f} MiB")


def timed_calls(client, requests):
    """Seconds of each call, as its caller sees them; what was signed before is not counted."""
    taken = []
    for request in requests:
        begun = time.perf_counter()
        status, _, body = client.send(request)
        taken.append(time.perf_counter() - begun)
        if status >= 300:
            raise SystemExit(f"a call was refused: {status} {body.decode()}")
    return taken


def calls(deployer, folder):
    one = cloud.Cloud(deployer, os.path.join(folder, "calls"))
    try:
        one.start()
        client = one.client
        vcn = one.make("/20160918/vcns", {"cidrBlocks": ["10.0.0.0/16"]})
        target = f"/20160918/vcns/{vcn}"
        changes = [client.request("PUT", target, {"displayName": f"network {n}"}) for n in range(CHANGES)]
        creations = [
            client.request("POST", "/20160918/networkSecurityGroups", {"compartmentId": cloud.COMPARTMENT, "vcnId": vcn})
            for _ in range(CHANGES)
        ]
        kinds = {
            "GET of a VCN": [client.request("GET", target) for _ in range(READS)],
            "PUT of a VCN": changes,
            "POST of a network security group": creations,
        }
        last = one.admin("journal")[-1]["number"]
        for kind, requests in kinds.items():
            taken = timed_calls(client, requests)
            entries = one.admin(f"journal?after={last}")
            last = entries[-1]["number"]
            inside = statistics.median(entry["micros"] for entry in entries) / 1e6
            tail = sorted(taken)[len(taken) * 99 // 100]
            figure = f"{statistics.median(taken) * 1000:.3f} ms"
            row(f"{kind}, signed, round trip", figure, f"under 0.3 ms; p99 {tail * 1000:.2f}, inside {inside * 1000:.3f}")
    finally:
        one.stop()


def run(deployer, folder, arguments):
    start(deployer, folder, arguments)
    calls(deployer, folder)
    print()
