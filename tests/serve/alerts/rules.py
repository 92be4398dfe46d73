# SPDX-License-Identifier: GPL-2.0
"""rules.py PROMETHEUS README: whether each alert that Prometheus has loaded could be evaluated, tells
what an alert must, names host and service, and leads to a heading of the runbook. Prints what is wrong.
"""
import json
import re
import sys
import urllib.request

# What they watch is not on one host.
HOSTLESS = {"TcpcloseTracerAbsent"}


def anchors(readme):
    runbook = readme.split("\n## Runbook\n")[1].split("\n## ")[0]
    headings = re.findall(r"^### (.+)$", runbook, re.M)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-"): h for h in headings}


def faults(rule, headings):
    notes = rule["annotations"]
    if rule["health"] != "ok" or rule.get("lastError"):
        yield f"evaluation: {rule['health']} {rule.get('lastError', '')}"
    if not rule["duration"] > 0:
        yield "has no `for`"
    if rule["labels"].get("severity") not in ("warning", "critical"):
        yield "severity is neither warning nor critical"
    for name in ("summary", "description"):
        if len(notes.get(name, "")) < 20:
            yield f"tells no {name}"
    if rule["name"] not in HOSTLESS and "$labels.instance" not in notes["summary"]:
        yield "its summary does not name the host"
    if "service" in rule["query"] and "$labels.service" not in notes["summary"]:
        yield "its summary does not name the service"
    if headings.get(notes.get("runbook_url", "").partition("#")[2]) != rule["name"]:
        yield "its runbook_url is no heading of the runbook"


def main():
    with urllib.request.urlopen(sys.argv[1] + "/api/v1/rules") as answer:
        groups = json.load(answer)["data"]["groups"]
    headings = anchors(open(sys.argv[2]).read())
    rules = [rule for group in groups for rule in group["rules"]]
    wrong = [f"{rule['name']}: {fault}" for rule in rules for fault in faults(rule, headings)]
    wrong += [f"{h}: no such alert" for h in headings.values() if h not in {r["name"] for r in rules}]
    print(*wrong, f"{len(rules)} rules, {len(headings)} headings", sep="\n")
    sys.exit(bool(wrong) or not rules)


main()
