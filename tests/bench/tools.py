"""The companion site's tools for files beside qpdf, mutool, vipsthumbnail and Pillow, and what its server costs.

Everybody is a process that reads files and writes files: ours is an example program of `webapp/tools`, built as the image is,
so that neither an upload nor the shutting in of a worker is counted. Time is what processors spent on a process, user and
system, as the kernel adds it up; of Pillow's, the start of Python and its imports is taken off.
"""

import gzip
import html
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import measure
from measure import REPOSITORY, row, timed

# Debian packages by the program that is looked for.
PACKAGES = {"qpdf": "qpdf", "mutool": "mupdf-tools", "vipsthumbnail": "libvips-tools"}
DOCUMENTS = os.path.join(REPOSITORY, "tests", "clients", "site", "documents.txt")
# What a book is made of, from the source package of pypdf: text, drawings, scans, and formulas.
CHAPTERS = ("issue-604", "GeoBase_NHNC1_Data_Model_UML_EN", "Seige_of_Vicksburg_Sample_OCR", "pdflatex-outline")
# A photograph of 12 megapixels, as far as colours and noise make one.
PHOTOGRAPH = """
import random, sys
from PIL import Image
random.seed(1)
small = Image.frombytes("RGB", (160, 120), random.randbytes(160 * 120 * 3)).resize((4000, 3000), Image.Resampling.BICUBIC)
grain = Image.effect_noise((4000, 3000), 12).convert("RGB")
photograph = Image.blend(small, grain, 0.2)
photograph.save(sys.argv[1] + "/photo.jpg", quality=90)
photograph.save(sys.argv[1] + "/photo.png", compress_level=6)
"""
# What a browser loads by itself, in a page and in a script.
LOADED = re.compile(rb'''(?:<link [^>]*href=|<(?:img|script) [^>]*src=|from )"([^"]+)"''')
PILLOW = """
import sys
from PIL import Image
Image.init()
if len(sys.argv) > 1:
    image = Image.open(sys.argv[1])
    width = int(sys.argv[3])
    image.resize((width, image.height * width // image.width), Image.Resampling.LANCZOS, reducing_gap=2).save(sys.argv[2])
"""


def install():
    """What is missing, where it can be had; what cannot is left out."""
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if missing and os.getuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-qq", "--no-install-recommends", *missing], capture_output=True)
    return {program for program in PACKAGES if shutil.which(program)}


def python(folder):
    """A Python that has Pillow, and the documents."""
    made, packages = os.path.join(folder, "python"), os.path.join(folder, "packages")
    timed([sys.executable, "-m", "venv", made])
    own = os.path.join(made, "bin", "python")
    pip = [own, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    timed([*pip, "install", "pillow"])
    timed([*pip, "download", "--no-deps", "--dest", packages, "-r", DOCUMENTS])
    for archive in os.listdir(packages):
        shutil.unpack_archive(os.path.join(packages, archive), packages)
    return own


def processor(command):
    """Seconds that processors spend on a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    # qpdf ends with 3 when it has warnings.
    if process.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}\n{said}")
    return usage.ru_utime + usage.ru_stime


class Race:
    """The same work done by several, each into a folder of its own."""

    def __init__(self, folder, runners):
        self.folders = {name: os.path.join(folder, "out-" + name.split()[0]) for name in runners}
        self.commands = {name: make(self.folders[name]) for name, make in runners.items()}

    def run(self, rounds):
        """Seconds of each in each round, and the bytes of what each made."""
        seconds, sizes = {name: [] for name in self.commands}, {}
        for names in measure.orders(list(self.commands), rounds):
            for name in names:
                shutil.rmtree(self.folders[name], ignore_errors=True)
                os.mkdir(self.folders[name])
                commands = self.commands[name]
                seconds[name].append(sum(processor(command) for command in commands))
                sizes[name] = sum(entry.stat().st_size for entry in os.scandir(self.folders[name]))
        return seconds, sizes


def show(what, seconds, sizes, goals):
    """Ours and, of each peer, how much of its time and size that is."""
    ours = seconds.pop("ours")
    row(what, f"{statistics.median(ours):.3f} s", f"{sizes['ours'] / 1e6:.2f} MB")
    for name, theirs in seconds.items():
        size = sizes["ours"] / sizes[name] if sizes[name] else 0
        share = f"ours is {measure.ratio(ours, theirs)} of it, of its size {size:.2f}"
        goal = f"; {goals[name]}" if name in goals else ""
        row(f"  {name}", f"{statistics.median(theirs):.3f} s", share + goal)


def documents(tool, folder, chapters, rounds, there):
    """Splitting, merging, drawing."""
    book, dozen = os.path.join(folder, "book.pdf"), chapters[:3] * 4
    if "qpdf" in there:
        pages = [part for chapter in chapters for part in (chapter, "1-z")] * 4
        whole = os.path.join(folder, "whole.pdf")
        timed(["qpdf", "--warning-exit-0", "--empty", "--pages", *pages, "--", whole])
        timed(["qpdf", whole, "--pages", ".", "1-500", "--", book])
        race = Race(folder, {
            "ours": lambda out: [[tool, '{"pdf":{"tool":"split"}}', out, book]],
            "qpdf --split-pages": lambda out: [["qpdf", "--split-pages", book, f"{out}/page.pdf"]],
        })
        show("500 pages to 500 files", *race.run(rounds), {"qpdf --split-pages": "at most 0.125"})
        race = Race(folder, {
            "ours": lambda out: [[tool, '{"pdf":{"tool":"merge"}}', out, *dozen]],
            "qpdf --pages": lambda out: [["qpdf", "--empty", "--pages", *dozen, "--", f"{out}/all.pdf"]],
            "qpdf, packed": lambda out: [["qpdf", "--object-streams=generate", "--empty", "--pages", *dozen, "--", f"{out}/all.pdf"]],
        })
        goals = {"qpdf --pages": "at most 1, of its size 1.1"}
        show(f"{len(dozen)} files to one", *race.run(rounds), goals)
    if "mutool" in there:
        draw = '{"pdf":{"tool":"thumbnails","width":200}}'
        race = Race(folder, {
            "ours": lambda out: [[tool, draw, out, chapter] for chapter in chapters],
            "mutool draw": lambda out: [["mutool", "draw", "-q", "-w", "200", "-o", f"{out}/{os.path.basename(chapter)}%d.png", chapter, "1-9"] for chapter in chapters],
        })
        show("first nine pages of four files as pictures", *race.run(rounds), {"mutool draw": "at most 1"})


def pictures(tool, own, folder, rounds, there):
    """The same picture smaller."""
    timed([own, "-c", PHOTOGRAPH, folder])
    starts = statistics.median(processor([own, "-c", PILLOW]) for _ in range(rounds))
    for kind, width in (("jpg", 800), ("png", 800), ("jpg", 200)):
        source = os.path.join(folder, f"photo.{kind}")
        runners = {"ours": lambda out: [[tool, f'{{"image":{{"tool":"resize","width":{width}}}}}', out, source]]}
        if "vipsthumbnail" in there:
            runners["vipsthumbnail"] = lambda out: [["vipsthumbnail", source, "-s", f"{width}x", "-o", f"{out}/small.{kind}"]]
        runners["Pillow"] = lambda out: [[own, "-c", PILLOW, source, f"{out}/small.{kind}", str(width)]]
        seconds, sizes = Race(folder, runners).run(rounds)
        seconds["Pillow"] = [max(taken - starts, 0.001) for taken in seconds["Pillow"]]
        goals = {"vipsthumbnail": "at most 1", "Pillow": "at most 0.5"}
        show(f"12 megapixels of {kind.upper()} to {width} pixels", seconds, sizes, goals)


class Server:
    """The web app, for as long as the `with` lasts."""

    def __init__(self, program):
        self.program, self.port = program, measure.free_port()

    def __enter__(self):
        begun = time.perf_counter()
        variables = {"HOST": "127.0.0.1", "PORT": str(self.port)}
        self.process = subprocess.Popen([self.program], env=variables, stderr=subprocess.DEVNULL)
        measure.wait_until("the web app", self.is_ready)
        self.seconds = time.perf_counter() - begun
        return self

    def __exit__(self, *_):
        measure.stop(self.process)

    def is_ready(self):
        return measure.answers(self.port) and self.get("/readyz")

    def get(self, path):
        """What goes over the wire for a path, headers left aside, and what it is unpacked."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"accept-encoding": "gzip"})
        with urllib.request.urlopen(request) as answer:
            sent, packed = answer.read(), answer.headers.get("content-encoding") == "gzip"
        return sent, gzip.decompress(sent) if packed else sent

    def first_load(self, page):
        """Bytes of a page with all that it names, and all that this names."""
        waiting, seen, total = [page], set(), 0
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            sent, content = self.get(path)
            total += len(sent)
            if path == page or path.endswith(".js"):
                named = (name.decode() for name in LOADED.findall(content))
                waiting += [html.unescape(urllib.parse.urljoin(path, name)) for name in named]
        return total, len(seen)


def server(program, rounds):
    starts, resident = [], []
    for _ in range(rounds):
        with Server(program) as one:
            starts.append(one.seconds)
            loads = {page: one.first_load(page) for page in ("/", "/pdf", "/image/resize")}
            time.sleep(1)
            resident.append(measure.memory([one.process.pid])[0])
    row("server ready", measure.milliseconds(statistics.median(starts)), "at most 150 ms")
    row("idle memory, RSS", f"{statistics.median(resident):.1f} MiB", "at most 25 MB")
    for page, (total, count) in loads.items():
        row(f"first load of {page}, compressed", f"{total / 1000:.1f} KB", f"at most 100 KB; {count} files")
    with open(program, "rb") as file:
        content = file.read()
    packed = len(gzip.compress(content, 6))
    row("program", f"{len(content) / 1e6:.1f} MB", f"compressed {packed / 1e6:.1f} MB, with its image at most 15 MB")


def run(folder, arguments):
    folder = os.path.join(folder, "tools")
    os.mkdir(folder)
    build = ["cargo", "build", "--quiet", "--locked", "--profile", "image", "-p", "tools", "--example", "tool"]
    timed([*build, "-p", "webapp", "--bin", "webapp"], cwd=REPOSITORY)
    target = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(REPOSITORY, "target")), "image")
    tool, there, own = os.path.join(target, "examples", "tool"), install(), python(folder)
    for program in PACKAGES.keys() - there:
        print(f"left out: {program} is not installed")
    found = {name: path for path in walk(os.path.join(folder, "packages")) if (name := os.path.basename(path)[:-4]) in CHAPTERS}
    documents(tool, folder, [found[name] for name in CHAPTERS], arguments.rounds, there)
    pictures(tool, own, folder, arguments.rounds, there)
    server(os.path.join(target, "webapp"), arguments.rounds)


def walk(folder):
    return [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]
