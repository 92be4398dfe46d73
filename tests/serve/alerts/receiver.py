# SPDX-License-Identifier: GPL-2.0
"""Where Alertmanager sends what fires: receiver.py PORT. One line an alert, as it comes:
RECEIVER STATUS ALERTNAME SEVERITY INSTANCE SERVICE | SUMMARY | DESCRIPTION | RUNBOOK
"""
import http.server
import json
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in body["alerts"]:
            labels, notes = alert["labels"], alert["annotations"]
            words = [self.path.strip("/"), alert["status"], labels["alertname"],
                     labels["severity"], labels.get("instance", "-"), labels.get("service", "-")]
            texts = [notes[k] for k in ("summary", "description", "runbook_url")]
            print(" | ".join([" ".join(words)] + texts), flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
