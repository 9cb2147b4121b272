"""Runs the commands in a document and compares their output with what the document shows.

run_console.py FILE...: in each ```console block every line that begins with "$ " is a command for
one shell per file; a backslash at its end continues it. Its output must consist of the following
lines, in that order; an ellipsis (…) stands for anything within a line, and on a line of its own
for any lines. A command without shown output may print anything. Every command must succeed, unless
the block's first line is ```console fails.
"""
import re
import subprocess
import sys

FENCE = re.compile(r"^```console( fails)?\n(.*?)^```$", re.M | re.S)


def commands(block):
    """[(command, [shown lines])] of a block."""
    found = []
    lines = iter(block.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command = command[:-1] + next(lines)
            found.append((command, []))
        elif found:
            found[-1][1].append(line)
    return found


def pattern(shown):
    pieces = []
    for line in shown:
        pieces.append(r"(?:.*\n)*?" if line.strip() == "…" else ".*".join(re.escape(piece.rstrip() if last else piece)
                      for piece, last in zip(line.split("…"), [False] * line.count("…") + [True])) + r"[ ]*\n")
    return re.compile("".join(pieces) + r"\Z")


def run(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    shell = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    problems = number = 0
    for fails, block in FENCE.findall(text):
        for command, shown in commands(block):
            number += 1
            shell.stdin.write(f"{{ {command}\n}} < /dev/null\nprintf '\\n== %s\\n' \"$?\"\n")
            shell.stdin.flush()
            output = []
            for line in shell.stdout:
                if line.startswith("== "):
                    break
                output.append(line)
            else:
                print(f"{path}: the shell ended at: {command}")
                return problems + 1
            status = line[3:].strip()
            said = "".join(output)[:-1]  # the line end before ==
            if said and not said.endswith("\n"):
                said += "\n"
            if (status == "0") == bool(fails):
                print(f"{path}: exit status {status} of: {command}\n{said}")
                problems += 1
            elif shown and not pattern(shown).match(said):
                print(f"{path}: another answer than shown to: {command}\n--- shown\n" + "\n".join(shown) + f"\n--- said\n{said}")
                problems += 1
    shell.stdin.close()
    shell.wait()
    if number == 0:
        print(f"{path}: no console block was found")
        return 1
    return problems


sys.exit(1 if sum(run(path) for path in sys.argv[1:]) else 0)
