"""The mock server in a browser: a workspace is made, stubs answer, requests appear as they come, a near miss becomes a stub.

Usage: mock.py SITE FOLDER; prints a line for each test and ends with 1 at the first that fails.
"""

import json
import sys
import urllib.error
import urllib.request

from browser import Browser

SITE = sys.argv[1]
PHONE = 390
LIVE = "document.querySelectorAll('.requests button').length"


def workspace(browser):
    """Makes one by its button and returns its address."""
    browser.open(f"{SITE}/mock")
    browser.click("main form button")
    browser.until("document.querySelector('[role=tab]') && location.hash.length > 10", "a workspace of one's own")
    return browser.js("return document.getElementById('address').textContent")


def call(url, method="GET", body=None):
    """Status and body of an answer."""
    request = urllib.request.Request(url, body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def tab(browser, name):
    browser.js("[...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent === arguments[0]).click()", name)


def button(browser, text):
    """Clicks the visible button that says so."""
    condition = "[...document.querySelectorAll('.panel:not([hidden]) button')].find((button) => button.textContent.includes(%s))" % json.dumps(text)
    browser.until(f"!!{condition}", f"a button {text!r}")
    browser.js(f"{condition}.setAttribute('data-wanted', '')")
    browser.click("[data-wanted]")
    browser.js("document.querySelector('[data-wanted]')?.removeAttribute('data-wanted')")


def saved(browser):
    browser.until("document.querySelector('.status').textContent.startsWith('Saved')", "saved")


def a_stub_is_made_a_request_is_seen_and_a_near_miss_becomes_a_stub(browser):
    browser.look()
    address = workspace(browser)
    browser.click(".editor [type=submit]")
    saved(browser)
    assert json.loads(call(f"{address}/hello")[1]) == {"hello": "world"}
    tab(browser, "Live")
    browser.until(f"{LIVE} >= 1", "the request that was made")
    assert call(f"{address}/hallo", "POST", b"{}")[0] == 404
    browser.until("document.querySelector('.requests .misses')", "the request that no stub takes")
    browser.click(".requests li:first-child button")
    browser.until("document.querySelector('.near table')", "the nearest stub")
    fields = browser.js("return [...document.querySelectorAll('.near tbody th')].map((field) => field.textContent)")
    assert fields == ["url", "method"], fields
    button(browser, "Make a stub from this")
    browser.click(".editor [type=submit]")
    saved(browser)
    assert call(f"{address}/hallo", "POST", b"{}")[0] == 200
    assert not browser.console(), browser.console()


def pasted_files_answer_and_the_page_survives_a_reload(browser):
    browser.look()
    address = workspace(browser)
    browser.fill("#paste", '[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}]')
    button(browser, "Take it")
    browser.until("document.querySelector('.status').textContent.startsWith('Taken')", "the data")
    assert [item["name"] for item in json.loads(call(f"{address}/items?_sort=name&_order=desc")[1])] == ["Grace", "Ada"]
    browser.do("POST", "/refresh", {})
    browser.until("document.querySelector('[role=tab]')", "the workspace again")
    tab(browser, "OpenAPI & data")
    browser.until("document.getElementById('mock-data').value.includes('Grace')", "the data that is there")


def scenarios_and_settings_change_what_is_answered(browser):
    browser.look()
    address = workspace(browser)
    stubs = [
        {"scenarioName": "door", "requiredScenarioState": state, "newScenarioState": "open", "request": {"urlPath": "/door"}, "response": {"body": body}}
        for state, body in (("Started", "closed"), ("open", "open"))
    ]
    browser.fill("#paste", json.dumps({"mappings": stubs}))
    button(browser, "Take it")
    browser.until("document.querySelectorAll('.stubs button').length == 2", "two stubs")
    assert [call(f"{address}/door")[1] for _ in range(2)] == ["closed", "open"]
    tab(browser, "Scenarios")
    browser.until("document.querySelector('.panel:not([hidden]) select')?.value === 'open'", "the state")
    button(browser, "Back to the first state")
    browser.until("document.querySelector('.panel:not([hidden]) select')?.value === 'Started'", "the first state")
    assert call(f"{address}/door")[1] == "closed"
    tab(browser, "Settings")
    browser.click("[name=echo]")
    browser.click(".panel:not([hidden]) [type=submit]")
    saved(browser)
    assert call(f"{address}/status/418")[0] == 418


def everything_is_done_by_keyboard_alone(browser):
    browser.look()
    browser.open(f"{SITE}/mock")
    browser.tab_to("main form button")
    browser.press("Enter")
    browser.until("document.querySelector('.stubs')", "a workspace")
    address = browser.js("return document.getElementById('address').textContent")
    browser.tab_to(".editor [type=submit]")
    browser.press("Enter")
    saved(browser)
    assert call(f"{address}/nothing")[0] == 404
    browser.js("document.body.focus(); document.querySelector('.skip').focus()")
    browser.tab_to("[role=tab][aria-selected=true]")
    browser.press("Right")
    browser.until(f"{LIVE} >= 1", "the request")
    browser.tab_to(".requests button")
    browser.press("Enter")
    browser.until("document.querySelector('.near table')", "the nearest stub")
    assert browser.js("return document.activeElement.tagName") == "H2"


def everything_fits_a_phone(browser):
    browser.look(PHONE, 844)
    address = workspace(browser)
    call(f"{address}/a/rather/long/path/that/has/to/be/broken/somewhere?with=a&query=that-is-long-as-well")
    for name in ("Stubs", "Live", "Scenarios", "OpenAPI & data", "Settings"):
        tab(browser, name)
        assert browser.overflow() == 0, f"{name} is {browser.overflow()} px wider than the phone"
    tab(browser, "Live")
    browser.until(f"{LIVE} >= 1", "the request")
    browser.click(".requests button")
    browser.until("document.querySelector('.results h2')", "the request in full")
    assert browser.overflow() == 0


def axe_core_finds_nothing(browser):
    for width in (1280, PHONE):
        for dark in (False, True):
            browser.look(width, 900, dark)
            browser.open(f"{SITE}/mock")
            assert not (found := browser.violations()), found
    # A visitor may have so many workspaces and no more.
    browser.look()
    address = workspace(browser)
    button(browser, "Save stub")
    saved(browser)
    call(f"{address}/miss")
    for width in (1280, PHONE):
        for dark in (False, True):
            browser.look(width, 900, dark)
            for name in ("Stubs", "Live", "Scenarios", "OpenAPI & data", "Settings"):
                tab(browser, name)
                if name == "Live":
                    browser.until(f"{LIVE} >= 1", "the request")
                    browser.click(".requests button")
                    browser.until("document.querySelector('.near table')", "the nearest stub")
                assert not (found := browser.violations()), (width, dark, name, found)


TESTS = (
    a_stub_is_made_a_request_is_seen_and_a_near_miss_becomes_a_stub,
    pasted_files_answer_and_the_page_survives_a_reload,
    scenarios_and_settings_change_what_is_answered,
    everything_is_done_by_keyboard_alone,
    everything_fits_a_phone,
    axe_core_finds_nothing,
)

with Browser() as browser:
    for test in TESTS:
        test(browser)
        print(test.__name__.replace("_", " "), flush=True)
