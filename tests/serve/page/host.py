# SPDX-License-Identifier: GPL-2.0
"""A host that does not exist: what the tracer would answer of it, for what no test brings about
with a real one (a state of each kind, losses, ten thousand findings, hostile names)."""
import json

SECOND = 10**9
STATE_BOUNDS = [0.001, 0.01, 0.1, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400]
TIME_WAIT_BOUNDS = [0.001, 0.01, 0.1, 1, 10, 30, 55, 59, 60, 61, 63, 120]
FINDINGS_MAX = 1000    # an answer
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
          "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'")
LEAK = {"verdict": "eof-read-not-closed",
        "advice": "the program read the EOF and did not close(): a descriptor leak"}


def escape(label):
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def sample(name, labels, value):
    inside = ",".join(f'{k}="{escape(v)}"' for k, v in labels.items())
    return f"{name}{{{inside}}} {value}\n" if labels else f"{name} {value}\n"


def histogram(name, labels, bounds, counts, total):
    lines, seen = "", 0
    for bound, count in zip([*bounds, "+Inf"], counts):
        seen += count
        lines += sample(f"{name}_bucket", {**labels, "le": str(bound)}, seen)
    return lines + sample(f"{name}_sum", labels, total) + sample(f"{name}_count", labels, seen)


class Host:
    """Moves on by a round each time that /metrics is asked for."""

    def __init__(self, page, model):
        self.page = page
        self.edges = model["edges"]
        self.found = []
        self.round = 0
        self.start = 1782874800
        self.lost = {"ring": 0, "mirror": 0, "sink": 0}
        self.losing = 0
        self.drift = 0
        self.stats = True
        self.ready = True
        self.healthy = True
        self.up = True
        self.sockets = {"ESTABLISHED": 1342, "LISTEN": 27, "TIME_WAIT": 4210, "CLOSE": 3,
                        "SYN_SENT": 2, "SYN_RECV": 0, "FIN_WAIT1": 1, "FIN_WAIT2": 14,
                        "CLOSE_WAIT": 0, "LAST_ACK": 0, "CLOSING": 0, "NEW_SYN_RECV": 1}
        # a second
        self.busy = {("CLOSE", "SYN_SENT"): 62, ("SYN_SENT", "ESTABLISHED"): 61.5,
                     ("LISTEN", "SYN_RECV"): 1240, ("SYN_RECV", "ESTABLISHED"): 1240,
                     ("ESTABLISHED", "FIN_WAIT1"): 71, ("FIN_WAIT1", "FIN_WAIT2"): 71,
                     ("FIN_WAIT2", "TIME_WAIT"): 70.5, ("TIME_WAIT", "CLOSE"): 70,
                     ("ESTABLISHED", "CLOSE_WAIT"): 1190, ("CLOSE_WAIT", "LAST_ACK"): 1160,
                     ("LAST_ACK", "CLOSE"): 1160, ("ESTABLISHED", "CLOSE"): 1.5,
                     ("SYN_SENT", "CLOSE"): 0.5}
        self.rare = {("FIN_WAIT1", "CLOSING"): 12, ("CLOSING", "TIME_WAIT"): 12,
                     ("CLOSE", "LISTEN"): 31, ("LISTEN", "CLOSE"): 4,
                     ("CLOSE_WAIT", "CLOSE"): 41, ("FIN_WAIT2", "FIN_WAIT2"): 7}

    def leak(self, number, count, severity="critical", service="orders.service", comm="orders",
             pid=18200, port=8080, **more):
        owner = {"pid": pid, "comm": comm, "fd": 4, "count": count,
                 "cgroup": f"/system.slice/{service}", "fds": f"4-9,11-{count + 5}"}
        self.found.append({
            "v": 1, "type": "finding", "ts": "2026-07-01T03:02:11.000000000Z",
            "mono_ns": 0, "id": number, "rule": "stuck-close-wait", "severity": severity,
            "status": "open", "state": "CLOSE_WAIT", "verdicts": {LEAK["verdict"]: count},
            "unread_bytes": 0, "count": count, "oldest_ns": 754 * SECOND, "oldest_at_least": False,
            "service_lport": port, "owners": [owner], "growth_per_s": 0, "fd_limit": 1024,
            "fd_open": count + 80, "eta_s": None, "netns": 1, "confidence": "exact",
            "service": service, **LEAK, **more})
        self.sockets["CLOSE_WAIT"] += count

    def answer(self, path):
        """What browser.Page.answer gives back."""
        if not self.up:
            return None
        kind, body, status = "application/json", None, 200
        if path == "/":
            kind, body = "text/html; charset=utf-8", self.page
        elif path == "/metrics":
            kind, body = "text/plain; version=0.0.4; charset=utf-8", self.metrics()
        elif path.split("?after=")[0] == "/api/v1/findings":
            first = int((path.split("?after=") + ["0"])[1])
            last = first + FINDINGS_MAX
            found = [{**finding, "count_now": finding["count"],
                      "oldest_now_ns": finding["oldest_ns"] + 2 * self.round * SECOND}
                     for finding in self.found[first:last]]
            body = json.dumps({"v": 1, "type": "findings", "mono_ns": 2 * self.round * SECOND,
                               "count": len(self.found), "findings": found,
                               "next": last if last < len(self.found) else None})
        elif path == "/api/v1/fsm":
            body = json.dumps({"v": 1, "type": "fsm", "edges": [
                {**edge, "count": self.seen(edge), "median_ns": 1400000} for edge in self.edges],
                "sockets": self.sockets, "illegal": 0})
        elif path in ("/readyz", "/healthz"):
            good = self.ready if path == "/readyz" else self.healthy
            kind, body = "text/plain", "ok\n" if good else "no events taken in\n"
            status = 200 if good else 503
        else:
            kind, body, status = "text/plain", "not found\n", 404
        return status, {"Content-Type": kind, "Cache-Control": "no-store",
                        "Content-Security-Policy": POLICY}, body

    def seen(self, edge):
        way = (edge["from"], edge["to"])
        return self.rare.get(way, 0) + int(self.busy.get(way, 0) * (5000 + 2 * self.round))

    def metrics(self):
        self.round += 1
        self.lost["ring"] += self.losing
        events = 9000000 + 14000 * self.round
        text = "# HELP tcpclose_sockets Sockets now.\n# TYPE tcpclose_sockets gauge\n"
        for state, count in self.sockets.items():
            text += sample("tcpclose_sockets", {"state": state}, count)
        for edge in self.edges:
            text += sample("tcpclose_transitions_total",
                           {"from": edge["from"], "to": edge["to"]}, self.seen(edge))
        for severity in ("info", "warning", "critical"):
            text += sample("tcpclose_findings", {"rule": "stuck-close-wait", "severity": severity},
                           sum(f["severity"] == severity for f in self.found))
        for finding in self.found:
            of = {"service": finding["service"]}
            text += sample("tcpclose_stuck_sockets", {"state": finding["state"], **of}, finding["count"])
            text += sample("tcpclose_close_wait_oldest_seconds", of, finding["oldest_ns"] / SECOND)
        for where, count in self.lost.items():
            text += sample("tcpclose_events_lost_total", {"where": where}, count)
        for name, value in (("events_total", events), ("mirror_sockets", sum(self.sockets.values())),
                            ("mirror_drift_sockets", self.drift), ("mirror_repaired_total", 3),
                            ("audits_total", 412), ("illegal_transitions_total", 0),
                            ("time_wait_ports_max", 3120), ("ephemeral_ports", 28232), ("ready", 1),
                            ("start_time_seconds", self.start)):
            text += sample(f"tcpclose_{name}", {}, value)
        for prog, runs, ns in (("on_set_state", events, 181), ("on_destroy", events, 58),
                               ("on_timer_start", 3 * events, 31)) if self.stats else ():
            text += sample("tcpclose_bpf_runs_total", {"prog": prog}, runs)
            text += sample("tcpclose_bpf_run_seconds_total", {"prog": prog}, runs * ns / SECOND)
        text += histogram("tcpclose_state_duration_seconds", {"state": "CLOSE_WAIT"}, STATE_BOUNDS,
                          [391000, 40210, 8800, 1290, 310, 44, 6, 0, 2, 0, 0, 0, 0], 8123.5)
        text += histogram("tcpclose_state_duration_seconds", {"state": "ESTABLISHED"}, STATE_BOUNDS,
                          [100, 4000, 90000, 120000, 30000, 9000, 800, 90, 4, 0, 0, 0, 0], 312000)
        for end, counts in (("expired", [0] * 8 + [1210, 40120, 5100, 3, 0]),
                            ("reused-out", [0, 12, 300, 800, 2100, 4100, 3900, 210, 5, 0, 0, 0, 0]),
                            ("reset", [0, 0, 2, 9, 14, 2, 0, 0, 0, 0, 0, 0, 0])):
            text += histogram("tcpclose_time_wait_duration_seconds", {"end": end},
                              TIME_WAIT_BOUNDS, counts, 41 * sum(counts))
        return text + sample("tcpclose_build_info", {
            "version": "0.1.0", "kernel": "6.12.30", "set_state": "fentry",
            "time_wait": "fentry", "time_wait_end": "fentry"}, 1)
