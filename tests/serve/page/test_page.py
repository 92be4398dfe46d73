# SPDX-License-Identifier: GPL-2.0
"""The page in a real browser, with answers of a host that does not exist (host.py): what no real
one can be brought to. test_live.py is the same page with a real tracer."""
import json

from host import LEAK, POLICY

URL = "http://127.0.0.1:9929/"
PATHS = {"", "metrics", "api/v1/findings", "api/v1/fsm", "readyz", "healthz"}
ROUNDS = "rates.kept.length && rates.kept[rates.kept.length - 1].at"
# Text must stand out from what is behind it: WCAG 2, 1.4.3, each element with text of its own.
CONTRAST = """(() => {
	const parse = (c) => c.match(/[\\d.]+/g).map(Number);
	const light = (rgb) => rgb.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92
		: ((v + 0.055) / 1.055) ** 2.4).reduce((l, v, i) => l + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const c = parse(getComputedStyle(e).backgroundColor);
			if (c.length < 4 || c[3] === 1) return c;
		}
		return [255, 255, 255];
	};
	const bad = [];
	for (const e of document.querySelectorAll('body *')) {
		if (e.closest('svg, .unseen, script, style, noscript') || !e.checkVisibility()) continue;
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
		const [a, b] = [parse(getComputedStyle(e).color), behind(e)].map(light);
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) bad.push(`${e.tagName} ${e.className} ${ratio.toFixed(2)}`);
	}
	return bad;
})()"""


def next_round(page):
    """Waits for an update that began after now."""
    assert page.until("!busy"), "a round does not end"
    before = page.evaluate(ROUNDS) or 0
    assert page.until(f"!busy && {ROUNDS} > {before}"), "no update came"


def show(page, host):
    page.answer_with(host.answer)
    page.visit(URL)
    assert page.until(f"!busy && {ROUNDS}"), "the page never showed anything"


def equal(is_, was, what=""):
    assert is_ == was, f"{what} {is_!r}, not {was!r}"


def test_loads(page, host):
    show(page, host)
    next_round(page)
    equal(page.errors, [])
    equal({url.removeprefix(URL) for url in page.requests}, PATHS)


def test_makes_no_outside_request(page, host):
    """The policy allows none either: what a name would smuggle in is refused by the browser."""
    host.leak(1, 5, comm='"><img src=http://10.0.0.9/x>', service="<script src=//x></script>")
    show(page, host)
    outside = [url for url in page.requests if not url.startswith((URL, "data:"))]
    equal(outside, [])
    blocked = page.evaluate("fetch('http://10.0.0.9/').then(() => 'sent', () => 'blocked')")
    equal(blocked, "blocked")
    assert any("Content Security Policy" in error for error in page.errors), POLICY


def test_nothing_stuck(page, host):
    show(page, host)
    equal(page.text("#status-title"), "Nothing is stuck")
    equal(page.text("#findings-none"), "Nothing is stuck.")
    equal(page.evaluate("document.querySelector('#status').className"), "status fine")


def test_numbers_equal_metrics(page, host):
    host.leak(7, 152)
    show(page, host)
    for state, count in host.sockets.items():
        boxes = page.evaluate("diagram.boxes.filter((box) => box.state === "
                              f"{json.dumps(state)}).map((box) => box.count.textContent)")
        assert all(text == f"{count:,}" for text in boxes), f"{state}: {boxes}, not {count:,}"
    rows = page.evaluate("[...byId('edges').tBodies[0].rows].map((row) => "
                         "[...row.cells].map((cell) => cell.textContent))")
    edges = page.evaluate("view.metrics.samples('tcpclose_transitions_total')")
    totals = {(s["labels"]["from"], s["labels"]["to"]): s["value"] for s in edges}
    assert len(rows) > 25, f"{len(rows)} rows"
    for row in rows:
        equal(row[3], f"{totals[row[0], row[1]]:,}", row)
    bars = page.evaluate("[...byId('time-wait').tBodies[0].rows].map((row) => row.cells[1].textContent)")
    equal(bars, ["0", "12", "302", "809", "2,114", "4,102", "3,900", "210", "1,215", "40,120",
                 "5,100", "3"])
    assert page.text("#stay-sum").startswith("441,662 so far"), page.text("#stay-sum")
    figures = page.text("#figures")
    for number in ("152", "4,210", f"{sum(host.sockets.values()):,}"):
        assert number in figures, f"{number} is not in {figures}"


def test_rates(page, host):
    show(page, host)
    next_round(page)
    shown = page.evaluate("Object.fromEntries(diagram.routes.map((r) => [r.from + ' ' + r.to, "
                          "r.label.textContent]))")
    rate = page.evaluate("edgesNow().find((e) => e.from === 'LISTEN').rate")
    assert 500 < rate < 2500, f"{rate}: 2480 are told each time, some 2 s apart"
    assert shown["LISTEN SYN_RECV"].endswith("k/s"), shown
    equal(shown["CLOSING TIME_WAIT"], "")


def test_leak_appears_and_disappears(page, host):
    show(page, host)
    host.leak(7, 152, growth_per_s=30.7, eta_s=25.8)
    assert page.until("byId('status-title').textContent === '1 critical finding'")
    assert "orders.service, orders[18200]: 152 sockets in CLOSE_WAIT" in page.text("#status-who")
    assert page.text("#status-act").endswith("descriptor leak."), page.text("#status-act")
    row = page.text(".finding")
    for words in ("CRITICAL", "orders[18200]", "local port 8080", "oldest 12 min", LEAK["verdict"],
                  LEAK["advice"], "the last one in 25 s"):
        assert words in row, f"{words!r} is not in {row!r}"
    assert "New critical finding" in page.text("#news")
    equal(page.evaluate("document.title"), "(1) tcpclose-trace")
    host.found.clear()
    assert page.until("byId('status-title').textContent === 'Nothing is stuck'")
    equal(page.evaluate("document.querySelectorAll('.finding').length"), 0)
    assert "Resolved critical finding" in page.text("#news")


def test_a_bounded_pool_is_no_alarm(page, host):
    host.leak(3, 12, "info", service="pool.service", comm="pool")
    show(page, host)
    equal(page.text("#status-title"), "Nothing that grows")
    assert "pool.service, pool[18200]: 12 sockets in CLOSE_WAIT" in page.text("#status-who")
    equal(page.evaluate("document.querySelectorAll('.attention').length"), 0)
    boxes = "diagram.boxes.filter((b) => b.tag.getAttribute('visibility') === 'visible')"
    equal(page.evaluate(boxes + ".map((b) => [b.state, b.group.getAttribute('class')])"),
          [["CLOSE_WAIT", "stuck info"]])
    equal(page.evaluate("document.title"), "tcpclose-trace")


def test_worst_first(page, host):
    host.leak(1, 5, "info")
    host.leak(2, 9, "warning")
    host.leak(3, 900, "warning")
    host.leak(4, 2, "critical")
    show(page, host)
    order = page.evaluate("[...document.querySelectorAll('.finding')].map((f) => f.dataset.key)")
    equal(order, ["4", "3", "2", "1"])


def test_keeps_what_the_reader_did(page, host):
    """Focus, expanded rows, scroll position and nodes stay when rows come before and after."""
    for number in range(20, 40):
        host.leak(number, 5, "warning", comm=f"c{number}", pid=number, service=f"s{number}.service")
    page.size(1200, 600)
    show(page, host)
    page.evaluate("window.kept = document.querySelector('.finding[data-key=\"30\"]'); "
                  "kept.querySelector('summary').focus(); kept.querySelector('details').open = true;"
                  "scrollTo(0, 700)")
    host.leak(1, 500, "critical")
    host.found = [f for f in host.found if f["id"] != 25]
    for finding in host.found:
        finding["owners"][0]["count"] += 1
    next_round(page)
    assert page.evaluate("document.querySelector('.finding[data-key=\"1\"]') !== null")
    assert page.evaluate("document.querySelector('.finding[data-key=\"25\"]') === null")
    assert page.evaluate("kept === document.querySelector('.finding[data-key=\"30\"]')")
    assert page.evaluate("kept.querySelector('details').open")
    assert page.evaluate("document.activeElement === kept.querySelector('summary')")
    assert "6" in page.evaluate("kept.querySelector('.more table').innerText")
    assert page.evaluate("scrollY") > 600
    # a row in focus that moves keeps it
    host.found = [f for f in host.found if f["id"] != 30] + [
        {**f, "severity": "critical", "count": 9000} for f in host.found if f["id"] == 30]
    next_round(page)
    equal(page.evaluate("document.querySelector('.finding').dataset.key"), "30")
    assert page.evaluate("document.activeElement === kept.querySelector('summary')")


def test_keyboard(page, host):
    host.leak(7, 152)
    host.leak(8, 3, "info", comm="pool", service="pool.service")
    show(page, host)
    page.key("Tab")
    equal(page.evaluate("document.activeElement.className"), "skip")
    reached = []
    for _ in range(14):
        page.key("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"
                                     ".slice(0, 24) || document.activeElement.tagName"))
        if page.evaluate("document.activeElement.matches('.finding summary')"):
            break
    for wanted in ("pause", "theme", "filter", "critical 1", "info 1"):
        assert wanted in reached, f"{wanted} is not in {reached}"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.key("Enter")
    assert page.until("document.querySelector('.finding .more') !== null"), "Enter opens it"
    assert "4-9,11-157" in page.text(".finding .more")
    assert "tcpclose-trace stuck -p 18200" in page.text(".finding .try")
    page.key("Enter")
    assert not page.evaluate("document.querySelector('.finding details').open")
    page.evaluate("byId('filter').focus()")
    page.type("pool")
    equal(page.text("#findings-count"), "1 of 2 open findings")
    page.key("Tab")
    page.key("Tab")
    page.key("Tab")
    page.key(" ")
    equal(page.text("#findings-count"), "0 of 2 open findings")
    equal(page.text("#findings-none"), "None of them matches the filter.")


def test_ten_thousand_findings(page, host):
    for number in range(10000):
        host.leak(number, 1 + number % 900, ("info", "warning", "critical")[number % 3],
                  comm=f"worker-{number}", pid=1000 + number, service=f"worker-{number}.service")
    show(page, host)
    equal(page.evaluate("document.querySelectorAll('.finding').length"), 50)
    equal(page.text("#findings-count"), "10,000 open findings")
    took = page.evaluate("(() => { const t = performance.now(); showAll(); findings.show(); "
                         "return performance.now() - t })()")
    assert took < 400, f"{took:.0f} ms to show"
    page.evaluate("byId('filter').focus()")
    page.type("worker-7777.service")
    equal(page.evaluate("[...document.querySelectorAll('.finding .who')].map((w) => w.textContent)"),
          ["worker-7777.service, worker-7777[8777]"])
    page.evaluate("byId('filter').value = ''; findings.show(); byId('more').click()")
    equal(page.evaluate("document.querySelectorAll('.finding').length"), 150)
    longest = page.evaluate("""new Promise((done) => {
		let longest = 0, before = performance.now(), end = before + 5000;
		const beat = () => { const now = performance.now(); longest = Math.max(longest, now - before);
			before = now; now < end ? setTimeout(beat) : done(longest) };
		beat();
	})""")
    assert longest < 1500, f"{longest:.0f} ms without an answer to the reader"


def test_hostile_names(page, host):
    names = ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "a\nb\u0007", '"},{"', "&lt;b&gt;",
             "</script><script>alert(1)</script>", "\u200b"]
    for number, name in enumerate(names):
        host.leak(number, 5, comm=name, service=name + ".service", pid=number + 1)
    show(page, host)
    page.evaluate("document.querySelectorAll('.finding details').forEach((d) => d.open = true)")
    next_round(page)
    equal(page.evaluate("document.querySelectorAll('img, script, b').length"), 1, "elements")
    text = page.text("#findings-list")
    for shown in ("<img src=x onerror=alert(1)>[1]", "\\u202egnp.exe[2]", "a\\u000ab\\u0007[3]",
                  "&lt;b&gt;[5]", "\\u200b[7]"):
        assert shown in text, f"{shown!r} is not in {text!r}"
    assert not set(text) & set("\u202e\u200b\u0007"), "unseen characters"
    equal(page.errors, [])


def test_loss_and_drift(page, host):
    show(page, host)
    equal(page.text("#banners"), "")
    host.losing, host.drift = 500, 12    # lost each time that it is asked
    assert page.until("/Events are being lost/.test(byId('banners').textContent)")
    assert page.until("/12 sockets that the kernel sees otherwise/.test(byId('banners').textContent)")
    host.losing = 0
    assert page.until("/lost since the start \\(ring [\\d,]+\\); none in the last/"
                      ".test(byId('banners').textContent)")
    assert "look at what is marked" in page.text("#health-word")


def test_tracer_down_and_back(page, host):
    host.leak(7, 152)
    show(page, host)
    host.up = False
    assert page.until("byId('status-title').textContent === 'The tracer does not answer'")
    assert "no connection" in page.text("#status-who")
    assert "systemctl status tcpclose-trace" in page.text("#status-act")
    assert page.evaluate("document.body.classList.contains('stale')")
    assert "does not answer" in page.text("#news")
    equal(page.evaluate("document.querySelectorAll('.finding').length"), 1, "what was known stays")
    host.up = True
    assert page.until("byId('status-title').textContent === '1 critical finding'")
    assert not page.evaluate("document.body.classList.contains('stale')")
    assert "answers again" in page.text("#news")


def test_never_reached(page, host):
    page.answer_with(lambda path: host.answer(path) if path == "/" else None)
    page.visit(URL)
    assert page.until("byId('status-title').textContent === 'The tracer does not answer'")


def test_starting_and_unwell(page, host):
    host.ready = host.healthy = False
    page.answer_with(host.answer)
    page.visit(URL)
    assert page.until("byId('status-title').textContent === 'The tracer is starting'")
    host.ready = True
    assert page.until("/is not well: no events taken in/.test(byId('banners').textContent)")
    host.healthy = True
    assert page.until("byId('banners').textContent === ''")


def test_new_tracer(page, host):
    """Counters that begin anew make no rates below zero, nor ones that never were."""
    show(page, host)
    next_round(page)
    host.round = -500
    host.start += 60
    next_round(page)
    equal(page.evaluate("rates.kept.length"), 1)
    assert "–" in page.text("#figures")
    next_round(page)
    assert page.evaluate("rates.of('tcpclose_events_total')") > 0


def test_pauses(page, host):
    show(page, host)
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => window.away, "
                  "configurable: true }); window.away = true")
    page.until("!busy")
    still = page.evaluate(f"new Promise((r) => setTimeout(() => r({ROUNDS}), 2500))")
    equal(page.evaluate(f"new Promise((r) => setTimeout(() => r({ROUNDS}), 2500))"), still, "hidden")
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    assert page.until(f"!busy && {ROUNDS} > {still}"), "seen again"
    page.evaluate("byId('pause').click()")
    page.until("!busy")
    assert page.text("#updated").startswith("paused"), page.text("#updated")
    still = page.evaluate(ROUNDS)
    equal(page.evaluate(f"new Promise((r) => setTimeout(() => r({ROUNDS}), 2500))"), still, "paused")
    page.evaluate("byId('pause').click()")
    assert page.until(f"!busy && {ROUNDS} > {still}"), "resumed"


def test_dark_and_light(page, host):
    back = "getComputedStyle(document.body).backgroundColor"
    host.leak(7, 152)
    host.leak(8, 15, "warning")
    host.leak(9, 15, "info")
    seen = {}
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        show(page, host)
        page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        next_round(page)
        seen[scheme] = page.evaluate(back)
        equal(page.evaluate(CONTRAST), [], scheme)
    equal(seen, {"light": "rgb(246, 248, 250)", "dark": "rgb(13, 17, 23)"})
    page.evaluate("byId('theme').click(); byId('theme').click()")
    equal(page.text("#theme"), "Theme: light")
    equal(page.evaluate(back), seen["light"], "chosen by hand")
    show(page, host)
    equal(page.evaluate(back), seen["light"], "and remembered")
    page.evaluate("localStorage.clear()")


def test_phone(page, host):
    host.leak(7, 152, growth_per_s=30.7, eta_s=25.8)
    host.leak(8, 40123, "warning", service="x" * 64 + ".service", comm="y" * 15)
    host.found[-1]["owners"][0]["cgroup"] = "/kubepods.slice/" + "a" * 200
    host.lost["ring"] = 12345678
    host.sockets["ESTABLISHED"] = 1234567
    page.size(360, 740)
    show(page, host)
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    next_round(page)
    equal(page.evaluate("[innerWidth, document.documentElement.scrollWidth]"), [360, 360])
    small = page.evaluate("[...document.querySelectorAll('button, input, select')].filter((e) => "
                          "e.checkVisibility() && e.getBoundingClientRect().height < 40).length")
    equal(small, 0, "targets too small for a finger")


def test_screen_reader(page, host):
    host.leak(7, 152)
    show(page, host)
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    seen = [(node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes if not node["ignored"]]
    for role, name in seen:
        assert name or role not in ("button", "searchbox", "combobox", "heading", "image", "table",
                                    "link"), f"a {role} without a name"
    for wanted in (("heading", "Findings"), ("heading", "1 critical finding"), ("main", ""),
                   ("image", "The states of a TCP connection"), ("searchbox", "Filter findings"),
                   ("combobox", "State"),
                   ("group", "Severities shown"), ("region", "Health of the tracer")):
        assert wanted in seen, f"{wanted} is not there"
    equal(page.evaluate("byId('news').getAttribute('aria-live')"), "polite")
    quiet = page.evaluate("""new Promise((done) => {
		const watch = new MutationObserver((all) => done(all.length));
		watch.observe(byId('news'), { childList: true, characterData: true, subtree: true });
		watch.observe(byId('banners'), { childList: true, characterData: true, subtree: true });
		setTimeout(() => done(0), 5000);
	})""")
    equal(quiet, 0, "said again and again")


def test_reads_openmetrics(page, host):
    show(page, host)
    read = """(() => { const m = new Metrics(`%s`); return %s })()"""
    text = ('# TYPE a counter\\na_total{x="q\\\\"{} # {\\\\\\\\",y="n\\\\nl"} 7 123.4\\n'
            'b_bucket{le="0.1"} 2 # {trace="1"} 0.05 1.5\\nb_bucket{le="+Inf"} 5\\nb_sum 9\\nb_count 5\\n'
            'c NaN\\n# EOF\\n')
    equal(page.evaluate(read % (text, "m.samples('a_total')")),
          [{"labels": {"x": 'q"{} # {\\', "y": "n\nl"}, "value": 7}])
    equal(page.evaluate(read % (text, "[...m.histograms('b', 'none').values()].map((h) => [h.counts, h.sum])")),
          [[[2, 3], 9]])
