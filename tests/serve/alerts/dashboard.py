# SPDX-License-Identifier: GPL-2.0
"""dashboard.py FILE [PROMETHEUS]: whether Grafana can load it, as far as its schema says: what is
required, ids, places, variables. With a Prometheus, every query is run on it as Grafana would. Prints
what is wrong.
"""
import json
import re
import sys
import time
import urllib.parse
import urllib.request

SCHEMA = 41
WIDTH = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
BUILT_IN = {"__rate_interval": "10s", "__interval": "1s", "__range": "60s"}


def panels_of(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def overlap(a, b):
    return (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and
            a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"])


def faults_of_panel(panel):
    place = panel["gridPos"]
    if place["x"] < 0 or place["x"] + place["w"] > WIDTH or min(place["w"], place["h"]) < 1:
        yield "is not within the grid"
    if not panel.get("title"):
        yield "has no title"
    if panel["type"] == "row":
        return
    for name in ("description", "targets", "fieldConfig", "options"):
        if not panel.get(name):
            yield f"has no {name}"
    refs = [target["refId"] for target in panel["targets"]]
    if len(set(refs)) != len(refs):
        yield "has a refId twice"
    for target in panel["targets"]:
        if not target.get("expr") or target["datasource"] != DATASOURCE:
            yield f"target {target['refId']}: no expr, or another datasource"
        if bool(target.get("instant")) == bool(target.get("range")):
            yield f"target {target['refId']}: neither instant nor range, or both"
    if panel["datasource"] != DATASOURCE:
        yield "has another datasource"


def faults(dashboard):
    panels = list(panels_of(dashboard))
    variables = {v["name"]: v["type"] for v in dashboard["templating"]["list"]}

    for name in ("title", "uid", "panels", "templating", "time", "annotations", "tags"):
        if not dashboard.get(name):
            yield f"no {name}"
    if dashboard.get("schemaVersion") != SCHEMA:
        yield f"schemaVersion is not {SCHEMA}"
    if dashboard.get("id", 0) is not None:
        yield "id is not null: it would replace another dashboard"
    for name, kind in (("datasource", "datasource"), ("instance", "query"), ("service", "query")):
        if variables.get(name) != kind:
            yield f"no variable {name}"
    if len({p["id"] for p in panels}) != len(panels):
        yield "an id is used twice"
    for i, panel in enumerate(panels):
        yield from (f"{panel.get('title')}: {fault}" for fault in faults_of_panel(panel))
        yield from (f"{panel['title']} lies over {other['title']}" for other in panels[:i]
                    if overlap(panel["gridPos"], other["gridPos"]))
    known = set(variables) | set(BUILT_IN)
    for used in set(re.findall(r"\$\{?(\w+)", json.dumps([p.get("targets") for p in panels]))) - known:
        yield f"${used} is no variable"


def ask(prometheus, path, **arguments):
    url = f"{prometheus}/api/v1/{path}?" + urllib.parse.urlencode(arguments)
    try:
        with urllib.request.urlopen(url) as answer:
            return json.load(answer)["data"], None
    except urllib.error.HTTPError as error:
        return None, json.load(error)["error"]


def faults_of_query(prometheus, expr, instant):
    now = time.time()
    for name, value in BUILT_IN.items():
        expr = expr.replace("$" + name, value)
    expr = re.sub(r"\$\{?\w+\}?", ".*", expr)
    if instant:
        data, error = ask(prometheus, "query", query=expr, time=now)
    else:
        data, error = ask(prometheus, "query_range", query=expr, start=now - 30, end=now, step=1)
    if error:
        yield f"{expr}: {error}"
    elif not data["result"]:
        yield f"{expr}: no data"


def queries(dashboard):
    for panel in panels_of(dashboard):
        for target in panel.get("targets", []):
            yield target["expr"], bool(target.get("instant"))
    for note in dashboard["annotations"]["list"]:
        if "expr" in note:
            yield note["expr"], False


def faults_of_variable(prometheus, variable):
    selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"]).groups()
    data, error = ask(prometheus, f"label/{label}/values",
                      **{"match[]": re.sub(r"\$\w+", ".*", selector)})
    if error or not data:
        yield f"variable {variable['name']}: {error or 'no values'}"


def main():
    dashboard = json.load(open(sys.argv[1]))
    wrong = list(faults(dashboard))
    asked = list(queries(dashboard))
    for prometheus in sys.argv[2:]:
        for expr, instant in asked:
            wrong += faults_of_query(prometheus, expr, instant)
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                wrong += faults_of_variable(prometheus, variable)
    print(*wrong, f"{len(list(panels_of(dashboard)))} panels, {len(asked)} queries", sep="\n")
    sys.exit(bool(wrong))


main()
