# SPDX-License-Identifier: GPL-2.0
"""run.py TOP [NAME]...: the tests of test_page.py and test_live.py, or those named, one verdict a
line. What a test saw last is in build/test-logs/page/NAME.png. Exits 1 when one failed."""
import json
import os
import shutil
import subprocess
import sys
import traceback
import types

import browser
import host
import live
import test_live
import test_page

PATIENCE = 30


def tests(module, wanted):
    found = {name.removeprefix("test_").replace("_", " "): function
             for name, function in vars(module).items() if name.startswith("test_")}
    return {name: function for name, function in found.items() if not wanted or name in wanted}


def verdict(word, name, reason=""):
    print(f"{word:<4} page {name}{': ' if reason else ''}{reason}", flush=True)
    return word != "FAIL"


def passes(name, function, chromium, subject, logs):
    page = chromium.open()
    page.size(1280, 900)
    page.scheme("light")
    try:
        function(page, subject)
        error = None
    except Exception as failure:    # whatever it is, the others go on
        error = failure
        traceback.print_exc(file=sys.stderr)
    page.screenshot(f"{logs}/{name.replace(' ', '-')}.png")
    page.close()
    if error is None:
        return verdict("ok", name)
    return verdict("FAIL", name, (str(error) or "see its traceback").split("\n")[0])


def all_real(real, chromium, top, tool, logs, serve_log):
    try:
        tracer = live.Tracer(tool, serve_log)
    except RuntimeError as error:
        return verdict("FAIL", "live", str(error))
    place = types.SimpleNamespace(top=top, tracer=tracer)
    good = [passes(name, test, chromium, place, logs) for name, test in real.items()]
    tracer.close()
    return all(good)


def main():
    top, wanted = sys.argv[1], sys.argv[2:]
    tool = os.environ.get("TCT_BIN", f"{top}/build/tcpclose-trace")
    logs = f"{top}/build/test-logs/page"
    os.makedirs(logs, exist_ok=True)
    if not shutil.which("chromium"):
        verdict("skip", "all", "chromium is not installed")
        return 0
    model = json.loads(subprocess.check_output([tool, "fsm", "--json"], timeout=PATIENCE))
    with open(f"{top}/build/page.html", encoding="utf-8") as file:
        html = file.read()
    made_up, real = tests(test_page, wanted), tests(test_live, wanted)
    good = True
    with open(f"{logs}/chromium.log", "wb") as log, browser.Browser(log) as chromium:
        for name, test in made_up.items():
            good &= passes(name, test, chromium, host.Host(html, model), logs)
        if real:
            with open(f"{logs}/serve.log", "wb") as serve_log:
                good &= all_real(real, chromium, top, tool, logs, serve_log)
    return 0 if good else 1


sys.exit(main())
