"""The fractal engine beside a compiler's vectors, XaoS, FractalNow, mandelbrot-explorer and a Python loop; deep places; tiles over HTTP."""

import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import urllib.request

import measure
from measure import milliseconds, row

SCENES = {
    "S1": ("-0.5", "0", "3", 256), "S2": ("-0.75", "0.11", "0.2", 200), "S3": ("-0.7435", "0.1314", "0.002", 1000),
    "S4": ("-0.34842633784126914", "-0.60653940234393235", "2.2e-4", 2000),
    "S5": ("-0.743643887037151", "0.131825904205330", "1.6e-9", 5000), "S6": ("-0.1226", "0.7449", "0.05", 4096),
}
SIZE = ("768", "512")
FRACTALNOW = """c075
mandelbrot
{re} {im} {width} {height}
256 {limit}
1
0x0
iterationcount
smooth
identity
0.025 0
0 0xff 0.5 0xffff00 1 0xff
"""
# What a core can do at best of three multiply-adds and an addition, two a cycle, eight points in each.
CYCLES_A_STEP = 1.5 / 8
DEEP_GOALS = {"D1": 0.08, "D2": 0.6, "D3": 0.12, "D4": 0.1, "D5": 1.2, "D7": 3, "D8": 4}
EXPLORER = """
import sys, time, mandelbrot_explorer as me
re, im, width, limit, columns, rows = map(float, sys.argv[1:])
with me.Mandelbrot(int(columns), int(rows), max_iterations=int(limit), threads=1) as m:
    m.set_view(3 / width, re, im)
    m.render()
    begun = time.perf_counter()
    m.set_view(3 / width, re, im + width * 1e-6)
    m.render()
    print((time.perf_counter() - begun) * 1000)
"""


def python_loop(re, im, width, limit, columns):
    """A pixel after the other, as the first app had it; returns seconds a pixel."""
    import math
    import time

    begun = time.perf_counter()
    for row in range(columns):
        for column in range(columns):
            c = complex(re + (column / columns - 0.5) * width, im + (row / columns - 0.5) * width)
            z = 0
            for n in range(limit):
                z = z * z + c
                if abs(z) > 1000:
                    n + 1 - math.log(math.log(abs(z))) / math.log(2)
                    break
    return (time.perf_counter() - begun) / columns**2


def told(command, **options):
    """Milliseconds that a program says it took."""
    return float(measure.timed(command, **options)[1].split()[-1])


def medians(rounds, contenders):
    taken = {name: [] for name in contenders}
    for order in measure.orders(list(contenders), rounds):
        for name in order:
            taken[name].append(contenders[name]())
    return {name: statistics.median(figures) for name, figures in taken.items()}


def environment(folder):
    """A Python with mandelbrot-explorer, where one can be made."""
    python = os.path.join(folder, "venv", "bin", "python")
    made = subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], capture_output=True)
    packages = ["-m", "pip", "install", "--quiet", "mandelbrot-explorer", "numpy"]
    return python if made.returncode == 0 and subprocess.run([python, *packages], capture_output=True).returncode == 0 else None


def beside_peers(picture, folder, rounds):
    vectors = os.path.join(folder, "vectors")
    flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp-simd", "-mprefer-vector-width=512"]
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fractal.c")
    has = {name: shutil.which(name) for name in ("clang", "fractalnow")}
    if has["clang"]:
        measure.timed(["clang", *flags, source, "-o", vectors])
    explorer = environment(folder)
    for name, there in {**has, "mandelbrot-explorer": explorer}.items():
        if not there:
            print(f"{name} is left out: it is not installed")
    print(f"whole pictures of {' × '.join(SIZE)}, one thread, milliseconds; computing alone: brute (no shortcuts), ours, clang, explorer; whole processes: ours, FractalNow")
    print(f"{'':<4}{'brute':>9}{'ours':>9}{'clang':>9}{'ratio':>7}{'explorer':>10}{'ratio':>7}{'process':>10}{'FractalNow':>12}{'ratio':>7}")
    out = os.path.join(folder, "out.ppm")
    for scene, (re_, im, width, limit) in SCENES.items():
        place = [re_, im, width, str(limit), *SIZE]
        contenders = {
            "brute": lambda: told([picture, *place, "1", out, "whole"]),
            "ours": lambda: told([picture, *place, "1", out]),
            "process": lambda: measure.timed([picture, *place, "1", out])[0] * 1000,
        }
        if has["clang"]:
            contenders["clang"] = lambda: told([vectors, *place])
        if explorer:
            contenders["explorer"] = lambda: told([explorer, "-c", EXPLORER, *place])
        if has["fractalnow"]:
            config = os.path.join(folder, f"{scene}.config")
            with open(config, "w", encoding="utf-8") as file:
                file.write(FRACTALNOW.format(re=re_, im=im, width=width, height=float(width) * 512 / 768, limit=limit))
            command = ["fractalnow", "-q", "-j", "1", "-l", "double", "-i", "1", "-c", config, "-x", SIZE[0], "-y", SIZE[1], "-o", out]
            contenders["fractalnow"] = lambda: measure.timed(command)[0] * 1000
        figures = medians(rounds, contenders)
        ratio = lambda theirs, ours: f"{figures[theirs] / figures[ours]:>7.1f}" if theirs in figures else f"{'':>7}"
        cell = lambda name, width: f"{figures[name]:>{width}.1f}" if name in figures else f"{'-':>{width}}"
        print(f"{scene:<4}{cell('brute', 9)}{cell('ours', 9)}{cell('clang', 9)}{ratio('clang', 'brute')}{cell('explorer', 10)}{ratio('explorer', 'ours')}"
              f"{cell('process', 10)}{cell('fractalnow', 12)}{ratio('fractalnow', 'process')}", flush=True)
    print("ratio of clang: to brute (goal 2.5 on S3 and S4); the others: to ours with shortcuts (goal: above 1)")
    loop = statistics.median(python_loop(-0.34842633784126914, -0.60653940234393235, 2.2e-4, 2000, 32) for _ in range(3))
    ours = medians(rounds, {"ours": lambda: told([picture, *SCENES["S4"][:3], "2000", "512", "512", "1", out])})["ours"] / 1000 / 512**2
    row("hypnotize, a Python loop to ours", f"{loop / ours:.0f}", "at least 1500")


def kernel_and_deep(scene, rounds):
    lines = [measure.timed([scene, threads])[1] for threads in ["1"] + ["2"] * min(3, rounds)]
    clock = 60e6 / float(re.search(r"multiplications: ([\d.]+) s", lines[0])[1])
    for name, goal in (("S6", 0.9), ("S4", 0.75)):
        steps = float(re.search(rf"^{name} without.*?([\d.]+) G steps/s", lines[0], re.MULTILINE)[1]) * 1e9
        row(f"{name}: part of the issue bound of AVX-512 at {clock / 1e9:.2f} GHz", f"{steps * CYCLES_A_STEP / clock:.2f}", f"at least {goal}")
    if shutil.which("xaos"):
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(["xaos", "-speedtest", "-threads", "1"], env=environment, capture_output=True, text=True, timeout=300)
        loops = [float(found) for found in re.findall(r"Mloops per sec:([\d.]+)", done.stdout + done.stderr)]
        if loops:
            row("S6: steps a second, ours to XaoS's loop", f"{steps / max(loops) / 1e6:.0f}")
    for name, goal in DEEP_GOALS.items():
        found = [float(re.search(rf"^{name} \S+ +([\d.]+) s", text, re.MULTILINE)[1]) for text in lines[1:]]
        row(f"{name}, 640 × 360, two threads, cold", f"{statistics.median(found):.2f} s", f"at most {goal} s")


def tiles(program, rounds):
    port = measure.free_port()
    site = subprocess.Popen([program], env={"HOST": "127.0.0.1", "PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        measure.wait_until("the site", lambda: measure.answers(port))
        get = lambda path: urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60).read()
        chosen, taken = random.Random(1), []
        for _ in range(100 * rounds):
            zoom = chosen.choice((3, 5, 7, 9))
            x, y = int(-0.7435 * 2**zoom + chosen.randint(-3, 3)), int(-0.1314 * 2**zoom + chosen.randint(-3, 3))
            before = measure.cpu_seconds([site.pid])
            get(f"/mandelbrot/v1/{chosen.choice((256, 512, 1024))}/{zoom}/{x}/{y}.dwell")
            taken.append(measure.cpu_seconds([site.pid]) - before)
        row("a shallow tile with request and encoding, CPU, p50", milliseconds(statistics.median(taken)), "at most 1.5 ms (of those asked for more than once the first counts)")
        if shutil.which("wrk"):
            url = f"http://127.0.0.1:{port}/mandelbrot/v1/256/3/-6/-1.dwell"
            said = measure.timed(["wrk", "-t1", "-c16", "-d3s", url])[1]
            row("a tile that is kept, requests a second", re.search(r"Requests/sec: +(\S+)", said)[1], "at least 20000")
    finally:
        measure.stop(site)


def run(folder, arguments):
    # As it is shipped.
    for package, what in (("mandelbrot", "--examples"), ("webapp", "--bins")):
        measure.timed(["cargo", "build", "--profile", "image", "--locked", "--package", package, what], cwd=measure.REPOSITORY)
    made = os.path.join(measure.REPOSITORY, "target", "image")
    beside_peers(os.path.join(made, "examples", "picture"), folder, arguments.rounds)
    kernel_and_deep(os.path.join(made, "examples", "scene"), arguments.rounds)
    tiles(os.path.join(made, "webapp"), arguments.rounds)
