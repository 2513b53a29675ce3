"""Draws what a command printed on a terminal, colours included, as a picture that reads well in the light and in the dark.

usage: script -qec 'COMMAND' /dev/null | terminal.py COMMAND >FILE.svg
"""

import html
import re
import sys

WIDTH, LINE, LEFT, TOP = 8.4, 19, 16, 44
COLORS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea", "90": "#8b949e"}
STYLE = "text { font: 14px ui-monospace, Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre; }"
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
OTHER = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-ln-z]|\][^\x07]*\x07|[()][A-Z0-9])|\r")


def spans(line):
    """(text, attributes) of each part of a line with one look."""
    color, bold, at, out = None, False, 0, []
    for match in [*ESCAPE.finditer(line), None]:
        text = line[at : match.start() if match else len(line)]
        if text:
            out.append((text, (f' fill="{color}"' if color else "") + (' font-weight="700"' if bold else "")))
        if match:
            at = match.end()
            for code in match[1].split(";"):
                if code in ("", "0"):
                    color, bold = None, False
                elif code == "1":
                    bold = True
                elif code == "2":
                    color = COLORS["90"]
                else:
                    color = COLORS.get(code, color)
    return out


def picture(command, text):
    lines = [f"$ {command}", *OTHER.sub("", text).rstrip("\n").split("\n")]
    width = LEFT * 2 + WIDTH * max(len(ESCAPE.sub("", line)) for line in lines)
    height = TOP + LINE * len(lines) + 8
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" aria-label="{html.escape(command)}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#0d1117" stroke="#30363d"/>',
        *(f'<circle cx="{22 + 20 * i}" cy="18" r="6" fill="{color}"/>' for i, color in enumerate(("#ff5f57", "#febc2e", "#28c840"))),
    ]
    for number, line in enumerate(lines):
        parts = "".join(f"<tspan{look}>{html.escape(part)}</tspan>" for part, look in spans(line))
        out.append(f'<text x="{LEFT}" y="{TOP + 14 + LINE * number}" xml:space="preserve">{parts}</text>')
    return "\n".join([*out, "</svg>"])


if __name__ == "__main__":
    print(picture(" ".join(sys.argv[1:]), sys.stdin.read()))
