#!/usr/bin/env python3
"""Draws the output of a command as an SVG picture of a terminal, for the docs:
`COMMAND | terminal-picture.py '$ COMMAND' > FILE.svg`."""
import html
import sys

WIDTH, LINE, SIDE = 8.4, 19, 16
lines = [sys.argv[1]] + sys.stdin.read().rstrip("\n").split("\n")
columns = min(max(len(line) for line in lines), 130)
lines = [line if len(line) <= columns else line[: columns - 1] + "…" for line in lines]
width, height = int(columns * WIDTH + 2 * SIDE), len(lines) * LINE + 2 * SIDE
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">')
print(f"<title>{html.escape(sys.argv[1])}</title>")
print(f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>')
print('<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" xml:space="preserve">')
for number, line in enumerate(lines):
    y = SIDE + (number + 0.75) * LINE
    colour = ' fill="#79c0ff"' if number == 0 else ' fill="#9da7b3"' if line.startswith(("...", "    ")) else ""
    text = html.escape(line)
    if line.startswith("[ok]"):
        text = '<tspan fill="#56d364">[ok]</tspan>' + text[4:]
    print(f'<text x="{SIDE}" y="{y:.0f}"{colour}>{text}</text>')
print("</g>\n</svg>")
