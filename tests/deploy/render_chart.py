#!/usr/bin/env python3
"""Renders deploy/chart if helm is not installed: render_chart.py CHART [VALUES.json]; prints the
documents.

It supports the part of Go's templates that the chart uses (if, else, range, end; quote, default,
join, indent, toYaml) and refuses everything else, so that the chart stays within it.
values.schema.json validates the values like in Helm (type, enum, pattern, minimum, maximum,
minLength, required, additionalProperties). Exit status 1 with one sentence for values that the
schema refuses.
"""
import json
import pathlib
import re
import sys


def load_yaml(text):
    # Block mappings with flow values and comments, as in values.yaml and Chart.yaml.
    root = {}
    stack = [(-1, root)]
    for line in text.split("\n"):
        line = re.sub(r"\s+#.*$", "", line) if not line.lstrip().startswith("#") else ""
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        key, _, value = line.strip().partition(":")
        while stack[-1][0] >= indent:
            stack.pop()
        value = value.strip()
        if value == "":
            child = {}
            stack[-1][1][key] = child
            stack.append((indent, child))
        else:
            stack[-1][1][key] = flow(value)
    return root


def flow(value):
    if value[0] in "{[":
        quoted = re.sub(r"([{,\[]\s*)([A-Za-z_][^:,\]}]*)(?=[:,\]}])", r'\1"\2"', value)
        quoted = re.sub(r":\s*([^\"\[{,}\]\s][^,}\]]*)", lambda m: ": " + (m[1] if re.fullmatch(r"\d+|true|false", m[1]) else json.dumps(m[1])), quoted)
        return json.loads(quoted)
    if value[0] == '"':
        return json.loads(value)
    if value in ("true", "false"):
        return value == "true"
    return int(value) if re.fullmatch(r"-?\d+", value) else value


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def check(value, schema, path):
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        sys.exit(f"{path}: must be of type {kind}")
    if "enum" in schema and value not in schema["enum"]:
        sys.exit(f"{path}: must be one of {schema['enum']}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            sys.exit(f"{path}: does not match {schema['pattern']}")
        if len(value) < schema.get("minLength", 0):
            sys.exit(f"{path}: is too short")
    if isinstance(value, int) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            sys.exit(f"{path}: must be between {schema.get('minimum')} and {schema.get('maximum')}")
    if isinstance(value, list):
        for i, item in enumerate(value):
            check(item, schema.get("items", {}), f"{path}[{i}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                sys.exit(f"{path}: {name} is missing")
        for name, item in value.items():
            if name not in known and schema.get("additionalProperties") is False:
                sys.exit(f"{path}: there is no {name}")
            check(item, known.get(name, {}), f"{path}.{name}")


def merged(base, other):
    if not isinstance(base, dict) or not isinstance(other, dict):
        return other
    return {key: merged(base[key], other[key]) if key in base and key in other else other.get(key, base.get(key)) for key in {**base, **other}}


def evaluate(expression, dot, root):
    value = None
    for n, stage in enumerate(part.strip() for part in expression.split("|")):
        words = re.findall(r'"(?:[^"\\]|\\.)*"|\S+', stage)

        def operand(word):
            if word[0] == '"':
                return json.loads(word)
            if re.fullmatch(r"\d+", word):
                return int(word)
            if word == ".":
                return dot
            found = root
            for name in word.removeprefix("$").strip(".").split("."):
                if not isinstance(found, dict) or name not in found:
                    sys.exit(f"the chart names {word}, which is not there")
                found = found[name]
            return found

        if len(words) == 1 and (words[0][0] in '.$"'):
            value = operand(words[0])
            continue
        arguments = [operand(word) for word in words[1:]] + ([value] if n else [])
        functions = {
            "quote": lambda x: json.dumps(x),
            "default": lambda otherwise, x: x if x not in ("", None, [], {}) else otherwise,
            "join": lambda separator, items: separator.join(items),
            "indent": lambda width, x: "\n".join(" " * width + line for line in x.split("\n")),
            "toYaml": lambda x: json.dumps(x),
        }
        if words[0] not in functions:
            sys.exit(f"the chart uses {words[0]}, which this check does not know")
        value = functions[words[0]](*arguments)
    return value


def render(text, root):
    pieces = re.split(r"(\{\{-?.*?-?\}\})", text)
    for i, piece in enumerate(pieces):
        if piece.startswith("{{-"):
            pieces[i - 1] = pieces[i - 1].rstrip()

    def block(position, dot, active):
        out = ""
        while position < len(pieces):
            piece = pieces[position]
            position += 1
            if not piece.startswith("{{"):
                out += piece if active else ""
                continue
            body = piece[2:-2].strip("- ").strip()
            if body in ("end", "else"):
                return out, position, body
            if body.startswith("if "):
                truth = active and bool(evaluate(body[3:], dot, root))
                yes, position, ended = block(position, dot, truth)
                no = ""
                if ended == "else":
                    no, position, ended = block(position, dot, active and not truth)
                out += yes + no
            elif body.startswith("range "):
                items = evaluate(body[6:], dot, root) if active else []
                start = position
                _, position, _ = block(start, dot, False)
                for item in items:
                    out += block(start, item, True)[0]
            elif active:
                value = evaluate(body, dot, root)
                out += str(value).lower() if isinstance(value, bool) else str(value)
        return out, position, ""

    return block(0, root, True)[0]


def main():
    chart = pathlib.Path(sys.argv[1])
    values = load_yaml((chart / "values.yaml").read_text())
    if len(sys.argv) > 2:
        values = merged(values, json.loads(pathlib.Path(sys.argv[2]).read_text()))
    check(values, json.loads((chart / "values.schema.json").read_text()), "values")
    about = load_yaml((chart / "Chart.yaml").read_text())
    root = {"Values": values, "Release": {"Name": "capstan", "Namespace": "capstan-system"},
            "Chart": {"AppVersion": about["appVersion"], "Version": about["version"]}}
    documents = []
    for template in sorted((chart / "templates").glob("*.yaml")):
        documents += [part for part in render(template.read_text(), root).split("\n---") if re.search(r"^kind:", part, re.M)]
    print("\n---\n".join(part.strip("\n") for part in documents))


main()
