"""Documents that others test their libraries with, taken apart: each page must look as it does in its document.

Usage: fidelity.py SITE ARCHIVE...; takes every PDF in the archives (.tar.gz), has SITE make a document of each page and one of
all pages, and compares what mutool draws of them with what it draws of the source, pixel for pixel; `qpdf --check` must find
nothing in what is made. SITE must believe one `X-Forwarded-For`, for no visitor may send as many files. Prints what counts
apart, because qpdf or mutool have complaints about the source itself, and ends with 1 if anything else is unlike.
"""

import concurrent.futures
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile

SITE, ARCHIVES = sys.argv[1], sys.argv[2:]
BOUNDARY = "a-part-of-the-form"
# Of drawings, per inch: enough to see a letter move.
DOTS = "50"
HEAD = re.compile(rb"P6\n(\d+) (\d+)\n255\n")


class Refused(Exception):
    """What the site says of a document that it does not split."""


def documents():
    """Name and bytes of each document."""
    for archive in ARCHIVES:
        with tarfile.open(archive) as members:
            for member in members:
                if member.isfile() and member.name.endswith(".pdf"):
                    yield member.name, members.extractfile(member).read()


def made(visitor, tool, content, **options):
    """The documents that a tool makes of one."""
    parts = [(f'name="{name}"', value.encode()) for name, value in options.items()]
    parts.append(('name="files"; filename="document.pdf"', content))
    head = lambda what: f"--{BOUNDARY}\r\ncontent-disposition: form-data; {what}\r\n\r\n".encode()
    body = b"".join(head(what) + value + b"\r\n" for what, value in parts) + f"--{BOUNDARY}--\r\n".encode()
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", "x-forwarded-for": visitor}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{SITE}/api/pdf/{tool}", body, headers), timeout=60) as answer:
            kind, bytes_made = answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(json.load(error)["detail"]) from None
    if kind == "application/pdf":
        return [bytes_made]
    with zipfile.ZipFile(io.BytesIO(bytes_made)) as pages:
        return [pages.read(name) for name in sorted(pages.namelist())]


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def drawn(path):
    """Every page as mutool draws it, size and pixels, and whether it had nothing to say against the file."""
    told = run("mutool", "draw", "-q", "-r", DOTS, "-c", "rgb", "-F", "pnm", "-o", "-", path)
    pages, at = [], 0
    while head := HEAD.match(told.stdout, at):
        end = head.end() + int(head[1]) * int(head[2]) * 3
        pages.append(told.stdout[at:end])
        at = end
    return pages, told.returncode == 0 and b"error" not in told.stderr


def complaint(path):
    """What qpdf has to say against a file."""
    checked = run("qpdf", "--check", path)
    said = (checked.stderr or checked.stdout).decode(errors="replace").split("\n")[0]
    return said.replace(path, "document").replace("qpdf: ", "") if checked.returncode != 0 else ""


def unlike(folder, what, content, expected):
    """What is wrong with a document that is to look like these pages."""
    path = os.path.join(folder, "made.pdf")
    with open(path, "wb") as file:
        file.write(content)
    pages, _ = drawn(path)
    if len(pages) != len(expected):
        yield f"{what}: {len(pages)} pages, and mutool draws {len(expected)} of the source"
    for number, (after, before) in enumerate(zip(pages, expected), 1):
        if after != before:
            yield f"{what}: page {number} looks different"
    if said := complaint(path):
        yield f"{what}: qpdf says {said}"


def compared(folder, visitor, content, expected):
    """What is wrong with what the site makes of a document."""
    try:
        pages = made(visitor, "split", content)
        whole = made(visitor, "extract", content, pages="1-")
    except Refused as refusal:
        return [f"refused: {refusal}"]
    wrong = list(unlike(folder, "all pages", whole[0], expected))
    if len(pages) != len(expected):
        return [*wrong, f"split into {len(pages)}, and mutool draws {len(expected)} of the source"]
    for number, page in enumerate(pages, 1):
        wrong += unlike(folder, f"page {number} alone", page, expected[number - 1 : number])
    return wrong


def judge(number, name, content):
    """Its name, how many pages it has, what is wrong with them, and why that may be."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "source.pdf")
        with open(path, "wb") as file:
            file.write(content)
        expected, is_clean = drawn(path)
        excuse = complaint(path) or ("" if is_clean and expected else "mutool cannot draw it without errors")
        wrong = compared(folder, f"10.1.{number // 250}.{number % 250}", content, expected)
        return name, len(expected), wrong, excuse


def main():
    alike = pages = 0
    failed = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
        for name, count, wrong, excuse in threads.map(lambda one: judge(one[0], *one[1]), enumerate(documents())):
            if not wrong:
                alike, pages = alike + 1, pages + count
                continue
            text = f"{name}: {'; '.join(wrong[:3])}"
            if excuse:
                print(f"apart: {text} ({excuse})")
            else:
                failed.append(text)
    print(f"{alike} documents of {pages} pages alike, {len(failed)} unlike", flush=True)
    if failed:
        sys.exit("\n".join(failed))
    assert alike > 0, "no document in the archives"


main()
