# SPDX-License-Identifier: GPL-2.0
"""A headless Chromium, told what to do over a pair of pipes (--remote-debugging-pipe).

Each message is JSON and ends with a NUL. One thread: events are taken in while an answer or a
condition is waited for.
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"]
PATIENCE = 30
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40, "ArrowUp": 38, "Escape": 27}


class Browser:
    """Ended by close(), or by leaving a `with`; so is what it kept on disk."""

    def __init__(self, log):
        theirs_in, self.out = os.pipe()
        self.into, theirs_out = os.pipe()
        self.profile = tempfile.mkdtemp(prefix="page-test-")
        command = ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", "chromium",
                   *FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(command, pass_fds=(theirs_in, theirs_out), stdout=log,
                                        stderr=log, start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer = b""
        self.last = 0
        self.answers = {}
        self.pages = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.profile, ignore_errors=True)

    def send(self, method, params=None, session=None):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        return self.last

    def call(self, method, params=None, session=None):
        number = self.send(method, params, session)
        end = time.monotonic() + PATIENCE
        while number not in self.answers:
            if time.monotonic() > end:
                raise TimeoutError(f"{method}: no answer")
            self.take(0.5)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def take(self, seconds):
        """Takes in what comes within that time, at most one read of it."""
        if not select.select([self.into], [], [], seconds)[0]:
            return
        data = os.read(self.into, 1 << 20)
        if not data:
            raise RuntimeError("the browser ended")
        *messages, self.buffer = (self.buffer + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("sessionId") in self.pages:
                self.pages[message["sessionId"]].on_event(message["method"], message["params"])

    def open(self):
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget",
                            {"targetId": target, "flatten": True})["sessionId"]
        return Page(self, session, target)


class Page:
    """`errors`: what the console showed; `requests`: all URLs that were asked for. `answer`, when
    set, is asked for (status, headers, body) of each path, or None: no connection."""

    def __init__(self, browser, session, target):
        self.browser = browser
        self.session = session
        self.target = target
        self.errors = []
        self.requests = []
        self.answer = None
        browser.pages[session] = self
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method, params=None):
        return self.browser.call(method, params, self.session)

    def close(self):
        self.browser.call("Target.closeTarget", {"targetId": self.target})
        del self.browser.pages[self.session]

    def on_event(self, method, params):
        if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(a.get("value", a.get("description")))
                                        for a in params["args"]))
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append(f'{params["entry"]["text"]} {params["entry"].get("url", "")}')
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Fetch.requestPaused":
            self.fulfil(params)

    def fulfil(self, params):
        path = "/" + params["request"]["url"].split("/", 3)[3]
        answer = self.answer(path)
        if answer is None:
            self.browser.send("Fetch.failRequest", {"requestId": params["requestId"],
                                                    "errorReason": "ConnectionRefused"},
                              self.session)
            return
        status, headers, body = answer
        self.browser.send("Fetch.fulfillRequest", {
            "requestId": params["requestId"], "responseCode": status,
            "responseHeaders": [{"name": k, "value": v} for k, v in headers.items()],
            "body": base64.b64encode(body.encode()).decode()}, self.session)

    def answer_with(self, answer):
        self.answer = answer
        self.call("Fetch.enable", {"patterns": [{"urlPattern": "http*"}]})

    def visit(self, url):
        self.call("Page.navigate", {"url": url})
        self.until("document.readyState === 'complete'")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", {"expression": expression, "returnByValue": True,
                                                "awaitPromise": True})
        if "exceptionDetails" in result:
            raise RuntimeError(f'{expression}: {result["exceptionDetails"]}')
        return result["result"].get("value")

    def until(self, expression, seconds=PATIENCE):
        """Waits until it is true; returns the last value when it never is."""
        end = time.monotonic() + seconds
        while True:
            value = self.evaluate(expression)
            if value or time.monotonic() > end:
                return value
            self.browser.take(0.05)

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? null")

    def size(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600})

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia",
                  {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def key(self, name, shift=False):
        event = {"key": name, "code": name, "windowsVirtualKeyCode": KEYS[name],
                 "modifiers": 8 if shift else 0}
        typed = {"Enter": "\r", " ": " "}.get(name)
        if typed:
            event["text"] = typed
        self.call("Input.dispatchKeyEvent", {"type": "keyDown", **event})
        self.call("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    def type(self, text):
        self.call("Input.insertText", {"text": text})

    def screenshot(self, path, full=False):
        shot = self.call("Page.captureScreenshot",
                         {"format": "png", "captureBeyondViewport": full,
                          "optimizeForSpeed": False})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
