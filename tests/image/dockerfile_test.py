#!/usr/bin/env python3
"""Checks deploy/Dockerfile without a container engine: dockerfile_test.py SOURCE

Its instructions are valid, its stages are named before they are used, the sources and scripts that
it copies exist, it ends as a user other than root, and it runs commands and flags of the program. A
wrong file is refused, which shows that the checks are effective.
"""
import json
import pathlib
import re
import sys

KNOWN = {"FROM", "RUN", "COPY", "ADD", "USER", "ENTRYPOINT", "CMD", "EXPOSE", "WORKDIR", "ENV", "ARG", "LABEL", "HEALTHCHECK", "STOPSIGNAL", "SHELL", "VOLUME"}


def problems_of(text, source):
    problems, stages, stage = [], [], {"user": None}
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").split("\n"):
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if word not in KNOWN:
            problems.append(f"{word} is no instruction")
            continue
        if not stages and word not in ("FROM", "ARG"):
            problems.append(f"{word} stands before the first FROM")
        if word == "FROM":
            named = re.fullmatch(r"(\S+)(?: AS (\S+))?", rest)
            if not named:
                problems.append(f"FROM {rest} is not IMAGE [AS NAME]")
                continue
            stages.append(named[2] or "")
            stage = {"user": None, "image": named[1]}
        for used in re.findall(r"(?:--from=|,from=)([\w.-]+)", rest):
            if used not in stages[:-1]:
                problems.append(f"stage {used} is not there yet")
        if word in ("COPY", "ADD") and "--from=" not in rest:
            for path in rest.split()[:-1]:
                if not path.startswith("--") and not (source / path).exists():
                    problems.append(f"{word} {path}: there is no such file")
        if word == "RUN":
            for script in re.findall(r"(?<![\w/])scripts/[\w.-]+", rest):
                if not (source / script).is_file():
                    problems.append(f"RUN {script}: there is no such script")
            if rest.count("'") % 2 or rest.endswith("&&"):
                problems.append(f"RUN ends in the middle: {rest[-40:]}")
        if word == "USER":
            stage["user"] = rest
        if word in ("ENTRYPOINT", "CMD"):
            try:
                stage[word] = json.loads(rest)
            except ValueError:
                problems.append(f"{word} is no JSON array")
    if len(stages) < 2:
        problems.append("there is one stage only: the compiler would be in the image")
    if not stage["user"] or stage["user"].split(":")[0] in ("0", "root"):
        problems.append("the image runs as root")
    if stage.get("ENTRYPOINT") != ["/usr/bin/capstan"] or (stage.get("CMD") or [""])[0] != "run":
        problems.append("the image does not run the operator")
    if "packages.txt" not in text:
        problems.append("what is in the image is not listed")
    return problems, stage


source = pathlib.Path(sys.argv[1])
text = (source / "deploy/Dockerfile").read_text(encoding="utf-8")
problems, stage = problems_of(text, source)
# The image of scripts/build-image.sh has the same contents.
script = (source / "scripts/build-image.sh").read_text(encoding="utf-8")
if re.findall(r"--config\.cmd (\S+)", script) != stage.get("CMD"):
    problems.append("scripts/build-image.sh runs other flags")
if f"--config.user {stage['user']}" not in script:
    problems.append("scripts/build-image.sh has another user")
for wrong, why in ((text.replace("FROM debian", "FORM debian", 1), "no instruction"), (text.replace("from=build", "from=bild"), "not there yet"),
                   (text.replace("COPY . ", "COPY none "), "no such file"), (re.sub(r"^USER.*$", "", text, flags=re.M), "as root"),
                   (text.replace("scripts/install-dependencies.sh", "scripts/none.sh"), "no such script")):
    if not any(why in problem for problem in problems_of(wrong, source)[0]):
        problems.append(f"this test does not see what is {why}")
for problem in problems:
    print("deploy/Dockerfile:", problem, file=sys.stderr)
sys.exit(1 if problems else 0)
