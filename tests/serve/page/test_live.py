# SPDX-License-Identifier: GPL-2.0
"""The page in a real browser, with a real tracer and a program that leaks."""
import os
import re

from live import URL, DESCRIPTORS, Every, Leak, Traffic
from test_page import equal, next_round, ROUNDS

OWN = ("", "metrics", "healthz", "readyz", "api/v1/findings", "api/v1/fsm")
# what the page shows of /metrics, and what /metrics says then
SHOWN = """fetch('/metrics').then((answer) => answer.text()).then((text) => ({
	text,
	states: Object.fromEntries(diagram.boxes.map((box) => [box.state, box.count.textContent])),
	edges: [...byId('edges').tBodies[0].rows].map((row) => [...row.cells].map((c) => c.textContent)),
	stay: byId('stay-sum').textContent, bars: [...(byId('stay').tBodies[0]?.rows ?? [])].map((row) =>
		row.cells[1].textContent),
	health: byId('health').innerText, figures: byId('figures').innerText,
}))"""


def number(text):
    return 0 if text == "–" else int(text.replace(",", ""))


def samples(text):
    found = {}
    for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.M):
        found[name, tuple(re.findall(r'(\w+)="([^"]*)"', labels))] = float(value)
    return found


def differences(shown):
    """Of each number on the page that /metrics has too."""
    told = samples(shown["text"])
    found = []
    pairs = [(f"sockets in {state}", text, told["tcpclose_sockets", (("state", state),)])
             for state, text in shown["states"].items()]
    pairs += [(f"{row[0]} to {row[1]}", row[3],
               told["tcpclose_transitions_total", (("from", row[0]), ("to", row[1]))])
              for row in shown["edges"]]
    health = dict(zip(*[iter(shown["health"].split("\n"))] * 2))
    pairs += [("mirrored", health["Mirrored"].split()[0], told["tcpclose_mirror_sockets", ()]),
              ("illegal", health["Illegal"].split()[0], told["tcpclose_illegal_transitions_total", ()]),
              ("repaired", health["Repaired"].split()[0], told["tcpclose_mirror_repaired_total", ()]),
              ("drift", health["Differ"].split()[0], told["tcpclose_mirror_drift_sockets", ()])]
    stay = told["tcpclose_state_duration_seconds_count", (("state", "CLOSE_WAIT"),)]
    pairs.append(("stays", shown["stay"].split()[0].replace("none", "0"), stay))
    pairs.append(("bars", str(sum(map(number, shown["bars"]))), stay))
    for name, text, value in pairs:
        if number(text) != value:
            found.append(f"{name}: {text}, not {value:.0f}")
    return found


def visit(page):
    page.visit(URL)
    assert page.until(f"!busy && {ROUNDS}"), "the page never showed anything"


def clean(page):
    """Whatever the test did: no word on the console, no request elsewhere."""
    equal(page.errors, [])
    outside = [url for url in page.requests if not url.startswith("data:") and
               url.removeprefix(URL).split("?")[0] not in OWN]
    equal(outside, [])


def test_live_numbers_equal_metrics(page, place):
    """Sockets of the browser itself are among them, so it may take a second look."""
    traffic = Traffic()
    try:
        visit(page)
        page.until("view.metrics.sum('tcpclose_state_duration_seconds_count', "
                   "{ state: 'CLOSE_WAIT' }) > 50")
    finally:
        traffic.close()
    for _ in range(10):
        next_round(page)
        found = differences(page.evaluate(SHOWN))
        if not found:
            break
    equal(found, [])
    assert page.evaluate("view.metrics.sum('tcpclose_transitions_total')") > 500
    clean(page)


def test_live_leak(page, place):
    """It appears while the page is open, is critical with who and what to do, and disappears."""
    visit(page)
    equal(page.text("#status-title"), "Nothing is stuck")
    traffic, leak = Traffic(), Leak(place.top)
    leaking = Every(0.1, lambda: leak.lose(2))
    try:
        assert page.until("byId('status-title').textContent === '1 critical finding'"), \
            page.text("#status")
        for words in (f"orders[{leak.process.pid}]", "in CLOSE_WAIT", "local port 8080"):
            assert words in page.text("#status-who"), page.text("#status-who")
        assert "descriptor leak" in page.text("#status-act"), page.text("#status-act")
        assert f"of {DESCRIPTORS:,} descriptors" in page.text(".finding .outlook")
        equal(page.text(".finding .verdict"), "eof-read-not-closed")
        page.evaluate("document.querySelector('.finding summary').click()")
        assert page.until("/orders\\[/.test(document.querySelector('.finding .more')?.innerText)")
        assert page.text("#news").startswith("New"), page.text("#news")
        assert page.until("diagram.boxes.some((box) => box.state === 'CLOSE_WAIT' && "
                          "box.group.getAttribute('class') === 'stuck critical')")
        if "PAGE_PICTURE" in os.environ:
            picture(page)
    finally:
        leaking.close()
        leak.close()
        traffic.close()
    assert page.until("byId('status-title').textContent === 'Nothing is stuck'"), page.text("#status")
    assert "Resolved" in page.text("#news"), page.text("#news")
    clean(page)


def picture(page):
    """What the README shows, when asked for."""
    page.evaluate("document.querySelector('.finding summary').click(); document.activeElement.blur()")
    page.size(1100, 1085)
    page.until("view.metrics.sum('tcpclose_stuck_sockets') > 400 && "
               "view.metrics.sum('tcpclose_mirror_drift_sockets') === 0", 40)
    next_round(page)
    page.screenshot(os.environ["PAGE_PICTURE"])


def test_live_tracer_ends_and_returns(page, place):
    visit(page)
    before = page.evaluate("view.metrics.sum('tcpclose_start_time_seconds')")
    clean(page)
    equal(place.tracer.stop(), 0)
    assert page.until("byId('status-title').textContent === 'The tracer does not answer'")
    place.tracer.start()
    assert page.until("byId('status-title').textContent === 'Nothing is stuck'")
    assert page.evaluate("view.metrics.sum('tcpclose_start_time_seconds')") > before
    assert page.until("rates.kept.length > 1")
    refused = [error for error in page.errors if "Failed to load resource" not in error]
    equal(refused, [])


def test_live_health(page, place):
    """What the tracer says of itself: its cost, since bpf-stats is on, and who tells each event."""
    visit(page)
    next_round(page)
    health = page.text("#health")
    assert re.search(r"[\d.]+ [nµm]s an event", health), health
    assert re.search(r"set_state: (kmod|fentry|kprobe|tracepoint)", health), health
    assert page.evaluate("view.metrics.samples('tcpclose_build_info')[0].labels.kernel") in health
    assert page.evaluate("byId('programs').tBodies[0].rows.length") > 0
    clean(page)
