"""Every tool for files, done in a browser: by mouse, by keyboard alone, on a phone; and what axe-core says of every page.

Usage: tools.py SITE FOLDER; prints a line for each test and ends with 1 at the first that fails.
"""

import pathlib
import struct
import sys
import zlib

from browser import Browser, pdf

SITE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
PDF_TOOLS = ("split", "merge", "rotate", "delete", "extract", "extract-images", "watermark")
IMAGE_TOOLS = ("resize", "thumbnail", "convert", "compress", "palette")
FILLED = {"pdf/delete": ("pages", "2"), "pdf/extract": ("pages", "2-3"), "pdf/watermark": ("text", "Draft"), "image/compress": ("target_bytes", "5 KB")}
PAGES = ("/", "/under-the-hood", "/docs", "/pdf", "/nowhere") + tuple(f"/pdf/{tool}" for tool in PDF_TOOLS) + tuple(f"/image/{tool}" for tool in IMAGE_TOOLS)
PHONE = 390


def png(width, height):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes(value for x in range(width) for value in (x * 255 // width, y * 255 // height, 128)) for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def file(name, content):
    path = FOLDER / name
    path.write_bytes(content)
    return path


def files_for(tool):
    if tool.startswith("image/"):
        return [file("sky.png", png(320, 200))]
    if tool == "pdf/merge":
        return [file("one.pdf", pdf(2, "One")), file("two.pdf", pdf(3, "Two"))]
    return [file("one.pdf", pdf(4, "One"))]


def every_tool(browser, done):
    for tool in [f"pdf/{name}" for name in PDF_TOOLS if name != "extract-images"] + [f"image/{name}" for name in IMAGE_TOOLS]:
        browser.open(f"{SITE}/{tool}")
        browser.choose_files(*files_for(tool))
        done(tool)
        saved = browser.until("document.querySelector('.results a[download]')?.download", f"{tool}: a result")
        assert "." in saved, saved
        assert browser.status().startswith("Done"), browser.status()
        assert not browser.console(), browser.console()


def every_tool_is_done_by_mouse(browser):
    browser.look()

    def done(tool):
        if tool in FILLED:
            name, text = FILLED[tool]
            browser.fill(f"[name={name}]", text)
        browser.click("form.tool [type=submit]")

    every_tool(browser, done)


def every_tool_is_done_by_keyboard_alone(browser):
    browser.look()

    def done(tool):
        if tool in FILLED:
            name, text = FILLED[tool]
            browser.tab_to(f"[name={name}]")
            browser.press("Control", "a")
            for letter in text:
                browser.press(letter)
        browser.tab_to("form.tool [type=submit]")
        browser.press("Enter")

    every_tool(browser, done)


def every_tool_is_done_on_a_phone(browser):
    browser.look(PHONE, 844)

    def done(tool):
        assert browser.overflow() <= 0, f"{tool} is {browser.overflow()} px wider than a phone"
        if tool in FILLED:
            browser.fill(f"[name={FILLED[tool][0]}]", FILLED[tool][1])
        browser.click("form.tool [type=submit]")

    every_tool(browser, done)


def a_file_that_is_no_picture_is_refused_where_it_was_sent(browser):
    browser.look()
    browser.open(f"{SITE}/image/resize")
    browser.choose_files(file("notes.png", b"no picture"))
    browser.click("form.tool [type=submit]")
    browser.until("document.querySelector('.status.problem')", "a problem")
    assert browser.status().startswith("notes.png: "), browser.status()
    assert browser.js("return document.querySelector('.status').getAttribute('role')") == "alert"


def order(browser):
    return browser.js("return [...document.querySelectorAll('.sheet > li')].map((card) => card.querySelector('.from').textContent.match(/\\d+$/)[0]).join('')")


def open_organiser(browser, pages=4):
    browser.open(f"{SITE}/pdf")
    browser.choose_files(file("one.pdf", pdf(pages, "One")))
    browser.until(f"document.querySelectorAll('.sheet img').length === {pages}", "thumbnails")


def pages_are_put_in_order_by_mouse_and_made_one_document(browser):
    browser.look()
    open_organiser(browser)
    browser.drag(".sheet > li:nth-child(1)", ".sheet > li:nth-child(3)")
    assert order(browser) == "2314", order(browser)
    browser.click("[data-act=undo]")
    assert order(browser) == "1234", order(browser)
    browser.click(".sheet > li:nth-child(2)")
    browser.click("[data-act=right]")
    browser.click("[data-act=remove]")
    assert order(browser) == "134", order(browser)
    browser.click("form.action .strong")
    browser.until("document.querySelector('.results a[download]')", "a document")
    assert browser.status() == "Done: one-edited.pdf, 3 pages.", browser.status()


def pages_are_put_in_order_by_keyboard_alone(browser):
    browser.look()
    open_organiser(browser)
    browser.tab_to(".sheet > li")
    browser.press("Right")
    browser.press("Alt", "Right")
    assert order(browser) == "1324", order(browser)
    browser.press("r")
    browser.press("Control", "z")
    browser.press("Control", "z")
    assert order(browser) == "1234", order(browser)
    browser.press("Escape")
    browser.press("End")
    browser.press("Space")
    browser.press("Delete")
    assert order(browser) == "123", order(browser)
    browser.tab_to("[name=range]")
    for letter in "odd":
        browser.press(letter)
    chosen = browser.js("return document.querySelectorAll('[aria-selected=true]').length")
    assert chosen == 2, chosen
    browser.tab_to("form.action .strong")
    browser.press("Enter")
    browser.until("document.querySelector('.results a[download]')", "a document")


def pages_are_put_in_order_on_a_phone(browser):
    browser.look(PHONE, 844)
    open_organiser(browser)
    assert browser.overflow() <= 0, browser.overflow()
    browser.click(".sheet > li:nth-child(1)")
    browser.click("[data-act=later]")
    assert order(browser) == "2134", order(browser)


def a_watermark_is_seen_before_it_is_made(browser):
    browser.look()
    browser.open(f"{SITE}/pdf/watermark")
    browser.choose_files(file("one.pdf", pdf(2, "One")))
    browser.fill("[name=text]", "Draft")
    browser.until("document.querySelector('.preview img')?.complete", "a preview")


def no_page_asks_anybody_else(browser):
    browser.look()
    for page in PAGES:
        browser.open(SITE + page)
        asked = browser.js("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        elsewhere = [url for url in asked if not url.startswith(SITE) and not url.startswith(("blob:", "data:"))]
        assert not elsewhere, (page, elsewhere)


def axe_finds_nothing_on_any_page(browser):
    for dark in (False, True):
        for width in (1280, PHONE):
            browser.look(width, dark=dark)
            for page in PAGES:
                browser.open(SITE + page)
                found = browser.violations()
                assert not found, f"{page}, {'dark' if dark else 'light'}, {width} px:\n" + "\n".join(found)
    open_organiser(browser)
    browser.click(".sheet > li:nth-child(1)")
    found = browser.violations()
    assert not found, "the organiser with pages:\n" + "\n".join(found)


TESTS = (
    every_tool_is_done_by_mouse,
    every_tool_is_done_by_keyboard_alone,
    every_tool_is_done_on_a_phone,
    a_file_that_is_no_picture_is_refused_where_it_was_sent,
    pages_are_put_in_order_by_mouse_and_made_one_document,
    pages_are_put_in_order_by_keyboard_alone,
    pages_are_put_in_order_on_a_phone,
    a_watermark_is_seen_before_it_is_made,
    no_page_asks_anybody_else,
    axe_finds_nothing_on_any_page,
)

with Browser() as chromium:
    for test in TESTS:
        test(chromium)
        print(f"ok {test.__name__}", flush=True)
