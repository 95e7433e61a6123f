"""The explorer in a browser: by mouse, by keys, on a phone; forty levels down, back by its link, in other colours.

Usage: fractal.py SITE [FOLDER]; prints a line for each test and ends with 1 at the first that fails. Screenshots go to FOLDER.
"""

import base64
import pathlib
import sys
import urllib.parse

from browser import Browser

SITE = sys.argv[1]
FOLDER = sys.argv[2] if len(sys.argv) > 2 else None
PHONE = 390
SETTLED = "document.getElementById('explorer').dataset.state === 'settled' && /width=/.test(location.search)"
TILES = "performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('.dwell')).length"
# A few hundred points of the picture, as numbers.
PICTURE = """
const canvas = document.getElementById('canvas');
const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
const points = [];
for (let at = 0; at < data.length; at += 4 * 1009) points.push((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
return points;
"""


def explore(browser, query=""):
    browser.open(f"{SITE}/fractal{query}")
    browser.until("document.getElementById('explorer').classList.contains('live')", "the explorer")
    settled(browser)


def settled(browser):
    browser.until(SETTLED, "all tiles")


def field(browser, name):
    return browser.js("return new URLSearchParams(location.search).get(arguments[0])", name)


def shot(browser, name):
    if FOLDER:
        picture = browser.do("GET", "/screenshot")
        pathlib.Path(FOLDER, f"{name}.png").write_bytes(base64.b64decode(picture))


def changed(browser, name, before):
    browser.until(f"new URLSearchParams(location.search).get('{name}') !== {before!r}", f"another {name}")
    settled(browser)


def the_set_is_there_at_once_and_its_link_brings_it_back(browser):
    browser.look()
    explore(browser)
    shot(browser, "explorer")
    picture = browser.js(PICTURE)
    assert len(set(picture)) > 50, set(picture)
    explore(browser, browser.js("return location.search"))
    assert browser.js(PICTURE) == picture
    assert not browser.console(), browser.console()


def forty_levels_down_by_button_and_the_link_restores_the_same_picture(browser):
    browser.look()
    explore(browser, "?re=-1.7498759145077&im=0.0000000001&width=3")
    for _ in range(40):
        browser.js("document.getElementById('in').click()")
        # Never blank: what is missing is stretched from what is there.
        browser.until("document.getElementById('explorer').dataset.shown", "a picture")
    browser.until("Number(new URLSearchParams(location.search).get('width')) < 1e-11", "forty doublings")
    settled(browser)
    picture = browser.js(PICTURE)
    shot(browser, "forty")
    explore(browser, browser.js("return location.search"))
    same = sum(a == b for a, b in zip(picture, browser.js(PICTURE)))
    assert same >= len(picture) * 0.98, f"{same} of {len(picture)} points are the same"
    assert not browser.console(), browser.console()


def places_of_hundreds_of_zeros_are_reached_by_their_links(browser):
    browser.look()
    explore(browser)
    for name, zeros in (("Trees", 113), ("Five hundred", 533)):
        browser.js("[...document.querySelectorAll('#presets a')].find((link) => link.textContent.includes(arguments[0])).click()", name)
        browser.until(f"(new URLSearchParams(location.search).get('width') ?? '').endsWith('e-{zeros}')", "the place")
        settled(browser)
        shot(browser, name)
        assert len(field(browser, "re")) > zeros, field(browser, "re")
        assert len(set(browser.js(PICTURE))) > 50


def other_colours_ask_for_no_tile(browser):
    browser.look()
    explore(browser, "?re=-0.7453&im=0.1127&width=0.0025")
    before, tiles = browser.js(PICTURE), browser.js(f"return {TILES}")
    for script in (
        "const s = document.getElementById('palette'); s.value = 'viridis'; s.dispatchEvent(new Event('change'))",
        "const s = document.getElementById('coloring'); s.value = 'histogram'; s.dispatchEvent(new Event('change'))",
        "const s = document.getElementById('coloring'); s.value = 'distance'; s.dispatchEvent(new Event('change'))",
        "document.getElementById('scheme').click()",
    ):
        browser.js(script)
        browser.js("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        after = browser.js(PICTURE)
        assert after != before, script
        before = after
    shot(browser, "scheme")
    assert browser.js(f"return {TILES}") == tiles
    browser.js("document.getElementById('cycle').click()")
    browser.until(f"(() => {{ {PICTURE} }})().join() !== {','.join(map(str, before))!r}", "colours that run")
    browser.js("document.getElementById('cycle').click()")
    assert browser.js(f"return {TILES}") == tiles


def the_mouse_drags_zooms_and_draws_a_box(browser):
    browser.look()
    explore(browser)
    re = field(browser, "re")
    browser.drag("#stage", "#stage", 0.9)
    changed(browser, "re", re)
    assert float(field(browser, "re")) < float(re)
    width = field(browser, "width")
    wheel = "document.getElementById('stage').dispatchEvent(new WheelEvent('wheel', { deltaY: -480, clientX: 500, clientY: 400, cancelable: true }))"
    browser.js(wheel)
    changed(browser, "width", width)
    assert float(field(browser, "width")) < float(width)
    width = field(browser, "width")
    browser.click("#boxing")
    browser.drag("#stage", "#stage", 0.8)
    settled(browser)
    browser.click("#undo")
    changed(browser, "width", field(browser, "width") + "0")


def keys_alone_move_zoom_and_undo(browser):
    browser.look()
    explore(browser)
    browser.tab_to("#stage")
    start = field(browser, "re"), field(browser, "width")
    browser.press("Right")
    changed(browser, "re", start[0])
    browser.press("+")
    changed(browser, "width", start[1])
    browser.press("u")
    browser.press("u")
    browser.until(f"new URLSearchParams(location.search).get('width') === {start[1]!r}", "the first view")
    browser.press("r")
    browser.press("p")
    browser.until("new URLSearchParams(location.search).get('palette') === 'lagoon'", "the next palette")
    browser.press("j")
    browser.until("!document.getElementById('julia').hidden", "the Julia set")
    settled(browser)
    shot(browser, "julia")


def the_nearest_copy_is_found(browser):
    browser.look()
    explore(browser, "?re=-1.7686&im=0.0013&width=0.02")
    width = field(browser, "width")
    browser.click("#minibrot")
    changed(browser, "width", width)
    assert "period" in browser.status(), browser.status()
    shot(browser, "minibrot")


def a_phone_shows_it_all_and_takes_a_pinch(browser):
    browser.look(PHONE, 844)
    explore(browser)
    assert browser.overflow() <= 0, browser.overflow()
    shot(browser, "phone")
    width = field(browser, "width")
    fingers = "(x, id, kind) => stage.dispatchEvent(new PointerEvent(kind, { pointerId: id, button: 0, clientX: box.left + x, clientY: box.top + 150, bubbles: true }))"
    browser.js(
        "const stage = document.getElementById('stage'); stage.setPointerCapture = () => {}; const box = stage.getBoundingClientRect();"
        f"const finger = {fingers};"
        "finger(150, 1, 'pointerdown'); finger(200, 2, 'pointerdown'); finger(100, 1, 'pointermove'); finger(250, 2, 'pointermove');"
        "finger(100, 1, 'pointerup'); finger(250, 2, 'pointerup');"
    )
    changed(browser, "width", width)
    assert float(width) / float(field(browser, "width")) > 2.5


def a_poster_is_made(browser):
    browser.look()
    explore(browser)
    browser.fill("#poster-width", "800")
    browser.click("#poster")
    browser.until("/800 × \\d+ pixels/.test(document.getElementById('status').textContent)", "a poster")


def nonsense_is_refused_where_it_was_written(browser):
    browser.look()
    explore(browser)
    browser.fill("#re", "left")
    browser.click("#place [type=submit]")
    browser.until("document.getElementById('status').classList.contains('problem')", "what is wrong")
    assert "left" in browser.status()
    explore(browser, "?" + urllib.parse.urlencode({"re": "9", "im": "0", "width": "1"}))
    assert "within 4" in browser.status()


def axe_finds_nothing(browser):
    for dark in (False, True):
        for width in (1280, PHONE):
            browser.look(width, dark=dark)
            for page in ("/fractal", "/fractal/carpet", "/"):
                browser.open(SITE + page)
                if page == "/fractal":
                    settled(browser)
                found = browser.violations()
                assert not found, f"{page}, {'dark' if dark else 'light'}, {width} px:\n" + "\n".join(found)
                assert browser.overflow() <= 0, (page, width, browser.overflow())
                shot(browser, f"{page.strip('/').replace('/', '-') or 'home'}-{'dark' if dark else 'light'}-{width}")


TESTS = (
    the_set_is_there_at_once_and_its_link_brings_it_back,
    forty_levels_down_by_button_and_the_link_restores_the_same_picture,
    places_of_hundreds_of_zeros_are_reached_by_their_links,
    other_colours_ask_for_no_tile,
    the_mouse_drags_zooms_and_draws_a_box,
    keys_alone_move_zoom_and_undo,
    the_nearest_copy_is_found,
    a_phone_shows_it_all_and_takes_a_pinch,
    a_poster_is_made,
    nonsense_is_refused_where_it_was_written,
    axe_finds_nothing,
)

with Browser() as chromium:
    for test in TESTS:
        test(chromium)
        print(f"ok {test.__name__}", flush=True)
