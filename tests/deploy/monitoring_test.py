#!/usr/bin/env python3
"""The monitoring in deploy/ refers to what the operator provides: monitoring_test.py SOURCE

Every series in an alert or a panel is in docs/metrics.md; both forms of the alerts are the same;
every alert has its entry in docs/operations.md and every panel is at its place. PyYAML is not
needed: the two files are compared as text.
"""
import json
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
monitoring = source / "deploy/monitoring"
problems = []
metrics = set(re.findall(r"`((?:capstan|workqueue|rest_client|leader_election|controller_runtime)_[a-z_]+)`", (source / "docs/metrics.md").read_text()))
NAME = re.compile(r"\b((?:capstan|workqueue|rest_client|leader_election|controller_runtime)_[a-z_]+)\b")


def check(where, expression):
    for name in NAME.findall(re.sub(r'"[^"]*"', "", expression)):
        if re.sub(r"_(bucket|sum|count)$", "", name) not in metrics and name not in metrics:
            problems.append(f"{where}: {name} does not stand in docs/metrics.md")


rules = (monitoring / "rules.yaml").read_text()
plain = rules[rules.index("groups:"):].rstrip("\n").split("\n")
wrapped = (monitoring / "prometheus_rule.yaml").read_text()
inner = wrapped[wrapped.index("  groups:"):].rstrip("\n").split("\n")
if plain != [line[2:] for line in inner]:
    problems.append("prometheus_rule.yaml differs from rules.yaml")
alerts = re.findall(r"- alert: (\w+)", rules)
runbook = (source / "docs/operations.md").read_text()
for alert in alerts:
    if f"### {alert}" not in runbook:
        problems.append(f"docs/operations.md has no entry \"### {alert}\"")
for expression in re.findall(r"expr: (.*?)\n    (?:for|labels):", rules, re.S):
    check("rules.yaml", expression)

dashboard = json.loads((monitoring / "dashboard.json").read_text())
for panel in dashboard["panels"]:
    for target in panel["targets"]:
        check(f"dashboard.json, \"{panel['title']}\"", target["expr"])

for problem in problems:
    print("monitoring:", problem, file=sys.stderr)
print(f"{len(alerts)} alerts, {len(dashboard['panels'])} panels, {len(metrics)} series")
sys.exit(1 if problems else 0)
