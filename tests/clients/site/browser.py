"""A browser, driven over the W3C WebDriver protocol, and what every test of a page does with it."""

import importlib.util
import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {
    "Alt": "\ue00a", "Control": "\ue009", "Shift": "\ue008", "Enter": "\ue007", "Tab": "\ue004", "Space": " ", "Delete": "\ue017",
    "Left": "\ue012", "Up": "\ue013", "Right": "\ue014", "Down": "\ue015", "Home": "\ue011", "End": "\ue010", "Escape": "\ue00c",
}
PATIENCE = 30


class Browser:
    """Chromium without a window, for as long as the `with` lasts."""

    def __enter__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = next(line.split("port ")[-1].strip(" .\n") for line in self.driver.stdout if "successfully" in line)
        self.address = f"http://127.0.0.1:{port}"
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors"]
        wanted = {"goog:chromeOptions": {"args": options}, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        return self

    def __exit__(self, *_):
        self.do("DELETE", "")
        self.driver.terminate()
        self.driver.wait()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            return json.load(urllib.request.urlopen(request, timeout=120))["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def do(self, method, path, body=None):
        return self.ask(method, f"/session/{self.session}{path}", body)

    def chrome(self, command, **parameters):
        return self.do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def look(self, width=1280, height=900, dark=False):
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.chrome("Emulation.setTouchEmulationEnabled", enabled=width < 600)
        self.chrome("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def js(self, script, *arguments):
        return self.do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, css):
        return self.do("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def until(self, condition, what):
        """Asks again and again until a page says so; pages tell by themselves when they are done, at the latest with an error."""
        end = time.monotonic() + PATIENCE
        while not (found := self.js(f"return {condition}")):
            assert time.monotonic() < end, f"{what}: not within {PATIENCE} s; the page says {self.status()!r}, the console {self.console()}"
            time.sleep(0.02)
        return found

    def status(self):
        return self.js("return document.querySelector('.status')?.textContent")

    def click(self, css):
        self.js("document.querySelector(arguments[0]).scrollIntoView({ block: 'center', behavior: 'instant' })", css)
        self.do("POST", f"/element/{self.find(css)}/click", {})

    def fill(self, css, text):
        element = self.find(css)
        self.do("POST", f"/element/{element}/clear", {})
        self.do("POST", f"/element/{element}/value", {"text": text})

    def choose_files(self, *paths):
        text = "\n".join(str(pathlib.Path(path).resolve()) for path in paths)
        self.do("POST", f"/element/{self.find('input[type=file]')}/value", {"text": text})

    def press(self, *keys):
        """One stroke: what comes before the last is held."""
        keys = [KEYS.get(key, key) for key in keys]
        strokes = [{"type": "keyDown", "value": key} for key in keys] + [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def drag(self, css, to_css, share=0.9):
        """Presses on one element and lets go over another, `share` of its width from the left."""
        boxes = [self.js("const box = document.querySelector(arguments[0]).getBoundingClientRect(); return [box.left, box.top, box.width, box.height]", one) for one in (css, to_css)]
        (x, y, width, height), (to_x, to_y, to_width, to_height) = boxes
        moves = [(x + width / 2, y + height / 2), (x + width / 2 + 20, y + height / 2), (to_x + to_width * share, to_y + to_height / 2)]
        steps = [{"type": "pointerMove", "duration": 50, "x": round(x), "y": round(y)} for x, y in moves]
        steps[1:1] = [{"type": "pointerDown", "button": 0}]
        self.do("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": steps + [{"type": "pointerUp", "button": 0}]}]})

    def tab_to(self, css):
        """Goes there as people without a mouse do."""
        for _ in range(200):
            if self.js("return document.activeElement.matches(arguments[0])", css):
                return
            self.press("Tab")
        raise AssertionError(f"{css} cannot be reached with the Tab key")

    def console(self):
        return [entry["message"] for entry in self.do("POST", "/se/log", {"type": "browser"})]

    def overflow(self):
        return self.js("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def violations(self):
        """What axe-core has to object to, in words. It is given to the page as its own tools are, past the page's policy."""
        package = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
        script = pathlib.Path(package, "axe.min.js").read_text(encoding="utf-8")
        self.chrome("Runtime.evaluate", expression=script)
        run = "axe.run({ resultTypes: ['violations'] }).then((found) => found.violations)"
        found = self.chrome("Runtime.evaluate", expression=run, awaitPromise=True, returnByValue=True)["result"]["value"]
        return [f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes']]}" for one in found]


def pdf(pages, title="Page"):
    """A document of so many pages, each with its number on it."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", None, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in range(1, pages + 1):
        text = f"BT /F 48 Tf 60 {700 - page * 10} Td ({title} {page}) Tj ET"
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents {len(objects)} 0 R >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {pages} /Kids [{' '.join(kids)}] >>"
    out, places = "%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()
