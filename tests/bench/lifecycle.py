"""What a user of deployer waits for: builds, help, a whole deployment, and the calls that it makes."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile

from measure import REPOSITORY, alternate, milliseconds, row, timed

ENVIRONMENT = "bench"


def build():
    target = tempfile.mkdtemp(prefix="deployer-bench-")
    try:
        seconds, _ = timed(["cargo", "build", "--release", "--locked"], cwd=REPOSITORY,
                           env={**os.environ, "CARGO_TARGET_DIR": target})
        row("clean release build of deployer with its local cloud", f"{seconds:.0f} s", "at most 360 s on 2 cores,")
        image = ["cargo", "build", "--profile", "image", "--locked", "-p", "webapp"]
        seconds, _ = timed(image, cwd=REPOSITORY, env={**os.environ, "CARGO_TARGET_DIR": target})
        row("clean build of the web app for its image", f"{seconds:.0f} s", "this included")
    finally:
        shutil.rmtree(target)


def help_text(deployer, rounds):
    commands = {"deployer --help": [deployer, "--help"], "true": ["/bin/true"]}
    for peer in ("docker --version", "cargo --version"):
        if shutil.which(peer.split()[0]):
            commands[peer] = peer.split()
    medians = alternate(max(rounds, 9), commands)
    ours = medians.pop("deployer --help")
    row("deployer --help", milliseconds(ours), "under 10 ms")
    for peer, seconds in medians.items():
        row(f"  {peer}", milliseconds(seconds), f"ours is {ours / seconds:.2f} of it")


def environment():
    """A copy of environments/local.toml on free ports."""
    with open(os.path.join(REPOSITORY, "environments", "local.toml")) as file:
        text = file.read()
    text = text.replace("https_port = 8443", "https_port = 0").replace("http_port = 8080", "http_port = 0")
    path = os.path.join(REPOSITORY, "environments", f"{ENVIRONMENT}.toml")
    with open(path, "w") as file:
        file.write(text)
    return path


def calls_on_the_load_balancer(deployer):
    _, out = timed([deployer, "--json", "local", "journal", "--env", ENVIRONMENT], cwd=REPOSITORY)
    entries = [json.loads(line) for line in out.splitlines() if '"operation"' in line]
    balancer = [entry["operation"] for entry in entries if "/loadBalancer" in entry["path"]]
    changes = [entry["operation"] for entry in entries if "/loadBalancer" in entry["path"] and entry["mutating"]]
    return changes, len(balancer) - len(changes)


def up_and_down(deployer, rounds):
    up = [deployer, "up", "--env", ENVIRONMENT]
    down = [deployer, "down", "--env", ENVIRONMENT]
    timed(up, cwd=REPOSITORY)
    timed(down, cwd=REPOSITORY)
    first, again, gone = [], [], []
    for _ in range(rounds):
        first.append(timed(up, cwd=REPOSITORY)[0])
        changes, polls = calls_on_the_load_balancer(deployer)
        again.extend(timed(up, cwd=REPOSITORY)[0] for _ in range(3))
        gone.append(timed(down, cwd=REPOSITORY)[0])
    row("up from nothing, image compiled before", f"{statistics.median(first):.2f} s", "under 10 s")
    row("up with nothing to do, probes included", f"{statistics.median(again):.3f} s", "under 0.3 s")
    row("down", f"{statistics.median(gone):.2f} s")
    row("changing calls for the whole load balancer", str(len(changes)), f"1: {', '.join(changes)}")
    row("reading calls on it (polls included)", str(polls))


def run(deployer, arguments):
    print(timed(["cargo", "bench", "--workspace", "--locked", "--bench", "planning"], cwd=REPOSITORY)[1])
    help_text(deployer, arguments.rounds)
    path = environment()
    try:
        up_and_down(deployer, arguments.rounds)
    finally:
        subprocess.run([deployer, "down", "--env", ENVIRONMENT], cwd=REPOSITORY, capture_output=True)
        os.remove(path)
