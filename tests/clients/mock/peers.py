"""Asks json-server, httpbin and Prism, and a workspace of the site, the same questions, and prints every difference.

Usage: peers.py SITE DOMAIN NODE_MODULES; workspaces are at hosts of their own below DOMAIN. Ends with 1 at a difference that is not in the list of those with a reason.
The peers are started here on free ports of 127.0.0.1, and stopped.
"""

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SITE, DOMAIN, MODULES = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])

DATA = {
    "posts": [{"id": n, "title": f"Title {n}", "views": n * 10 % 70, "author": {"name": "Ada" if n % 2 else "Bob"}} for n in range(1, 13)],
    "comments": [{"id": n, "body": f"words {n}", "postId": n % 3 + 1} for n in range(1, 8)],
    "tags": [{"id": "a1", "name": "x"}, {"id": "b2", "name": "y"}],
    "profile": {"name": "typicode"},
}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# What is asked of json-server, in this order: later questions see what earlier ones changed.
CRUD = [
    *[("GET", path) for path in (
        "/posts", "/posts/1", "/posts/99", "/nothing", "/profile", "/db", "/posts?title=Title%203", "/posts?id=1&id=2", "/posts?author.name=Ada",
        "/posts?views_gte=20&views_lte=50", "/posts?id_ne=1", "/posts?title_like=1", "/posts?title_like=%5ETitle%201", "/posts?q=title%202", "/posts?q=nowhere",
        "/posts?_sort=views", "/posts?_sort=views&_order=desc", "/posts?_sort=author.name,views&_order=asc,desc", "/posts?_page=1", "/posts?_page=2",
        "/posts?_page=2&_limit=5", "/posts?_page=9&_limit=5", "/posts?_limit=3", "/posts?_start=2&_end=5", "/posts?_start=2&_limit=4", "/posts?_end=4",
        "/posts?_embed=comments", "/posts/1?_embed=comments", "/comments?_expand=post", "/comments/1?_expand=post", "/posts/1/comments", "/posts/2/comments?body_like=2",
        "/posts?unknown=1", "/posts?views=10&author.name=Ada", "/tags", "/tags/a1", "/posts?_sort=id&_order=desc&_limit=2",
    )],
    ("POST", "/posts", JSON, '{"title": "new", "views": 5}'), ("GET", "/posts/13"), ("POST", "/posts", JSON, '{"id": 50, "title": "chosen"}'), ("POST", "/posts", JSON, '{"id": 50}'),
    ("POST", "/posts", FORM, "title=form&views=7"), ("PUT", "/posts/1", JSON, '{"title": "whole"}'), ("GET", "/posts/1"), ("PATCH", "/posts/2", JSON, '{"views": 99}'),
    ("GET", "/posts/2"), ("PUT", "/posts/1", JSON, '{"id": 77, "title": "no new id"}'), ("PATCH", "/posts/999", JSON, "{}"), ("PUT", "/posts/999", JSON, "{}"),
    ("DELETE", "/posts/999"), ("POST", "/posts/3/comments", JSON, '{"body": "nested"}'), ("GET", "/posts/3/comments"), ("DELETE", "/posts/3"), ("GET", "/posts/3"),
    ("GET", "/comments"), ("POST", "/profile", JSON, '{"name": "other"}'), ("GET", "/profile"), ("PATCH", "/profile", JSON, '{"age": 3}'), ("GET", "/profile"),
    ("PUT", "/profile", JSON, '{"age": 4}'), ("GET", "/profile"), ("DELETE", "/tags/a1"), ("GET", "/tags"),
]
ECHO = [
    *[("GET", path) for path in (
        "/get", "/get?a=1&b=2&a=3", "/headers", "/user-agent", "/status/200", "/status/418", "/status/503", "/status/301", "/base64/aGVsbG8=", "/bytes/10", "/anything", "/anything/x/y?z=1",
        "/json", "/uuid", "/redirect/1", "/redirect/3", "/relative-redirect/2", "/cookies", "/cookies/set?a=1", "/cookies/set/b/2", "/basic-auth/u/p", "/bearer", "/delay/0", "/stream/3",
        "/drip?numbytes=5&duration=0&delay=0", "/ip", "/redirect-to?url=/get",
    )],
    ("GET", "/basic-auth/u/p", {"Authorization": "Basic dTpw"}), ("GET", "/bearer", {"Authorization": "Bearer t"}), ("GET", "/cookies", {"Cookie": "a=1; b=2"}),
    ("POST", "/post", JSON, '{"a": [1, 2]}'), ("POST", "/post", FORM, "a=1&b=2&a=3"), ("POST", "/post", {"Content-Type": "text/plain"}, "words"), ("PUT", "/put", JSON, "{}"),
    ("PATCH", "/patch", JSON, '{"x": null}'), ("DELETE", "/delete"), ("POST", "/anything", JSON, "[1]"), ("POST", "/get"), ("GET", "/post"), ("POST", "/status/201"), ("DELETE", "/status/204"),
]
# What is each time another, or the server's own.
VOLATILE = {"headers", "origin", "url", "id", "uuid"}
DOCUMENT = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: kind, in: query, schema: {type: string, enum: [cat, dog]}}
      responses:
        "200":
          description: all
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}
              examples: {cat: {value: [{id: 1, name: Tom}]}, dog: {value: [{id: 2, name: Rex}]}}
        "404": {description: none, content: {application/json: {example: {error: none}}}}
        default: {description: other, content: {application/json: {example: {error: other}}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
      responses:
        "201": {description: made, content: {application/json: {example: {id: 3, name: New}}}}
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
    delete:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: X-Reason, in: header, required: true, schema: {type: string}}
      responses: {"204": {description: gone}}
  /pets/mine:
    get:
      responses: {"200": {description: mine, content: {application/json: {example: {name: Mine}}}}}
  /plain:
    get:
      responses: {"200": {description: text, content: {text/plain: {example: words}}}}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties: {id: {type: integer}, name: {type: string, minLength: 2}, tag: {type: string}}
"""
PET = {"Content-Type": "application/json"}
CONTRACT = [
    *[("GET", path) for path in ("/pets", "/pets?limit=5", "/pets?limit=many", "/pets?limit=0", "/pets?limit=101", "/pets?kind=dog", "/pets?kind=cow", "/pets/1", "/pets/x", "/pets/mine", "/plain", "/nowhere")],
    *[("GET", "/pets", {"Prefer": wish}) for wish in ("code=404", "example=dog", "code=200, example=cat", "code=500", "example=cow")],
    ("POST", "/pets", PET, '{"name": "Tom"}'), ("POST", "/pets", PET, '{"id": 1}'), ("POST", "/pets", PET, '{"name": "T"}'), ("POST", "/pets", PET, '{"name": 5}'), ("POST", "/pets", PET, '{"id": "x", "name": "Tom"}'),
    ("POST", "/pets"), ("PUT", "/pets"), ("DELETE", "/pets/1"), ("DELETE", "/pets/1", {"X-Reason": "old"}), ("GET", "/pets?__code=404"), ("GET", "/pets?__example=dog"),
]
# Where ours is another on purpose: question, and why.
MEANT = {
    "httpbin": {
        "GET /json": "shorter",
        "GET /drip?numbytes=5&duration=0&delay=0": "nothing to wait for",
        "GET /redirect-to?url=/get": "httpbin goes anywhere, this to paths of its own",
    },
    "json-server": {},
    "prism": {"GET /nowhere": "what no document has may still be a stub's or data's"},
}


def call(base, method, path, headers=None, body=None):
    """Status, headers and body; redirects are answers."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    address, _, host = base.partition("#")
    named = {"Host": host} if host else {}
    request = urllib.request.Request(address + path, None if body is None else body.encode(), {**named, **(headers or {})}, method=method)
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode("utf-8", "replace")


def value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def steady(found):
    return {name: inner for name, inner in found.items() if name not in VOLATILE} if isinstance(found, dict) else found


@contextlib.contextmanager
def running(command, path):
    """A peer, from when it answers until it is no longer needed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([part.replace("PORT", str(port)) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while True:
            with contextlib.suppress(OSError):
                call(base, "GET", path)
                break
            assert process.poll() is None and time.monotonic() < end, f"{command} did not start"
            time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait()


def workspace(paste=None, settings=None):
    made = json.loads(call(SITE, "POST", "/mock", JSON, "")[2])
    base, key = f"{SITE}#{made['id']}.{DOMAIN}", {**JSON, "Authorization": f"Bearer {made['token']}"}
    for path, document in (("paste", paste), ("settings", settings)):
        if document is not None:
            status, _, told = call(base, "POST", f"/__admin/{path}", key, document)
            assert status == 200, told
    return base


def compare(name, questions, theirs, ours, seen):
    """Counts the questions that are answered alike; prints the others."""
    wrong = 0
    for method, path, *more in questions:
        left, right = [seen(call(base, method, path, *more)) for base in (theirs, ours)]
        question = f"{method} {path}"
        if left != right and question not in MEANT[name]:
            wrong += 1
            print(f"{question} {more}\n    {name}: {str(left)[:400]}\n    ours: {str(right)[:400]}")
    meant = sum(f"{method} {path}" in MEANT[name] for method, path, *_ in questions)
    print(f"{name}: {len(questions) - wrong - meant} of {len(questions)} alike, {meant} meant otherwise, {wrong} wrong", flush=True)
    return wrong


def of_data(answer):
    """Order and content; the total, and where the other pages are."""
    status, headers, body = answer
    pages = re.findall(r"([?&][^>]*)>; rel=\"(\w+)\"", headers.get("Link") or "")
    # What went wrong is told in words of one's own.
    return status, value(body) if status < 400 else None, headers.get("X-Total-Count"), pages


def of_echo(answer):
    status, headers, body = answer
    if status >= 400:
        found = None
    elif "json" in (headers.get("Content-Type") or ""):
        lines = [line for line in body.splitlines() if line]
        found = [steady(value(line)) for line in lines] if len(lines) > 1 and all(line.startswith("{\"") for line in lines) else steady(value(body))
    else:
        found = int(headers.get("Content-Length") or len(body)) if status == 200 else None
    return status, found, headers.get("Location"), sorted(headers.get_all("Set-Cookie") or []), headers.get("WWW-Authenticate")


def of_contract(answer):
    """Of what is made up, only the shape; of problems, their fields."""
    status, headers, body = answer
    found = value(body)
    if "problem" in (headers.get("Content-Type") or ""):
        mistakes = [(place(one.get("location", ["body"])), one["code"]) for one in found.get("validation", [])]
        return status, found["status"], mistakes
    return status, (headers.get("Content-Type") or "").split(";")[0] if body else None, shape(found)


def place(location):
    """Prism does not say which header is missing."""
    return location[:1] if location[0] == "header" else location


def shape(found):
    """Values of examples as they are, of schemas by their kind."""
    if isinstance(found, dict):
        return {name: shape(inner) for name, inner in found.items() if name in ("id", "name", "error")}
    if isinstance(found, list):
        return [shape(inner) for inner in found[:1]]
    return type(found).__name__


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        data, document = pathlib.Path(folder, "db.json"), pathlib.Path(folder, "pets.yaml")
        data.write_text(json.dumps(DATA))
        document.write_text(DOCUMENT)
        server = [str(MODULES / ".bin/json-server"), "--quiet", "--host", "127.0.0.1", "--port", "PORT", str(data)]
        with running(server, "/posts") as theirs:
            wrong += compare("json-server", CRUD, theirs, workspace(json.dumps(DATA)), of_data)
        httpbin = "from httpbin import app; app.run('127.0.0.1', PORT)"
        with running([sys.executable, "-c", httpbin], "/get") as theirs:
            wrong += compare("httpbin", ECHO, theirs, workspace(settings='{"echo": true}'), of_echo)
        prism = [str(MODULES / ".bin/prism"), "mock", "--host", "127.0.0.1", "--port", "PORT", str(document)]
        with running(prism, "/pets") as theirs:
            wrong += compare("prism", CONTRACT, theirs, workspace(DOCUMENT), of_contract)
    sys.exit(wrong > 0)


main()
