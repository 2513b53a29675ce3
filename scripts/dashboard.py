"""Draws the template's dashboard with given figures, as CloudWatch would: its own widgets cannot be had without an account.

usage: dashboard.py LINES >docs/dashboard.svg

The month of the picture, which this writes to target/dashboard.jsonl:
mvn -B -q test-compile -Dexec.phase=test-compile "-Dexec.args=-classpath %classpath dev.atlasrotator.alarm.DashboardMonth"

LINES is a file with one JSON object per line: log lines of the function (metrics in CloudWatch's embedded metric format, and
findings), and what AWS measures itself as {"namespace","name","dimensions","at","value"}, at in milliseconds.
"""

import collections
import datetime
import html
import json
import pathlib
import re
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).parent / "template"))
from render import render

COLUMN, ROW, GAP = 50, 42, 6
COLORS = ["#1f77b4", "#2ca02c", "#9467bd", "#8c564b"]
STYLE = """
  svg { background: #fff; color: #16191f; font: 12px system-ui, sans-serif; }
  .widget { fill: none; stroke: #d5dbdb; } .grid { stroke: #d5dbdb; stroke-width: .5; } text { fill: currentColor; }
  .title { font-weight: 600; font-size: 13px; } .small { font-size: 10px; opacity: .75; } .big { font-weight: 600; font-size: 18px; }
  @media (prefers-color-scheme: dark) { svg { background: #0f1b2a; color: #d1d5db; } .widget, .grid { stroke: #354150; } }
"""


class Figures:
    """Values by metric and time."""

    def __init__(self, lines):
        self.points = collections.defaultdict(list)
        self.findings = {}
        for line in map(json.loads, lines):
            if "_aws" in line:
                for directive in line["_aws"]["CloudWatchMetrics"]:
                    for names in directive["Dimensions"]:
                        for metric in directive["Metrics"]:
                            self.add(directive["Namespace"], metric["Name"], [line[n] for n in names], line["_aws"]["Timestamp"], line[metric["Name"]])
            elif "code" in line and line["severity"] != "info":
                self.findings[line.get("name"), line["code"]] = line
            elif "namespace" in line:
                self.add(line["namespace"], line["name"], [line["dimensions"][name] for name in sorted(line["dimensions"])], line["at"], line["value"])
        times = [at for points in self.points.values() for at, _ in points]
        self.begin, self.end = min(times), max(times)

    def add(self, namespace, name, dimensions, at, value):
        self.points[namespace, name, *dimensions].append((at, value))

    def series(self, metric, stat, period):
        """[(time, value)] of each period of the metric that has points."""
        periods = collections.defaultdict(list)
        for at, value in self.points.get(metric, []):
            periods[at // (period * 1000) * period * 1000].append(value)
        reduce = {"Sum": sum, "Maximum": max, "Minimum": min, "p50": lambda v: sorted(v)[len(v) // 2]}[stat]
        return [(at, reduce(values)) for at, values in sorted(periods.items())]

    def filled(self, points, period):
        """The same with zero in each period without a point; nothing where there is none at all."""
        step, had = period * 1000, dict(points)
        first = self.begin // step * step
        return [(at, had.get(at, 0)) for at in range(first, self.end + 1, step)] if had else []


def drawn(widget, figures):
    """The lines of a metric widget: (label, colour, points)."""
    properties = widget["properties"]
    known, lines = {}, []
    for row in properties["metrics"]:
        options = row[-1] if isinstance(row[-1], dict) else {}
        if "expression" in options:
            if filled := re.fullmatch(r"FILL\((\w+), 0\)", options["expression"]):
                lines.append((options["label"], options.get("color"), lambda n=filled[1]: figures.filled(known[n], properties["period"])))
            else:
                name, divisor = options["expression"].split("/")
                lines.append((options["label"], options.get("color"), lambda n=name, d=float(divisor): [(at, v / d) for at, v in known[n]]))
            continue
        words = [word for word in row if isinstance(word, str)]
        metric = (words[0], words[1], *words[3::2])
        points = figures.series(metric, options.get("stat", properties["stat"]), properties["period"])
        known[options.get("id")] = points
        if options.get("visible", True):
            lines.append((options.get("label", words[1]), options.get("color"), lambda p=points: p))
    return [(label, color or COLORS[i % len(COLORS)], points()) for i, (label, color, points) in enumerate(lines)]


def number(value):
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def chart(widget, figures, left, top, width, height):
    lines = drawn(widget, figures)
    top, height, left, width = top + 30, height - 68, left + 44, width - 58
    most = max([value for _, _, points in lines for _, value in points] + [1])
    out = []
    for part in (0, 0.5, 1):
        y = top + height * (1 - part)
        out.append(f'<line class="grid" x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(f'<text class="small" text-anchor="end" x="{left - 5}" y="{y + 3:.1f}">{number(most * part)}</text>')
    span = max(figures.end - figures.begin, 1)
    for label, color, points in lines:
        at = [(left + width * (t - figures.begin) / span, top + height * (1 - value / most)) for t, value in points]
        out.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.4" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in at)}"/>')
    for part in (0, 0.5, 1):
        day = datetime.datetime.fromtimestamp((figures.begin + span * part) / 1000, datetime.UTC).strftime("%d %b")
        anchor = ("start", "middle", "end")[int(part * 2)]
        out.append(f'<text class="small" text-anchor="{anchor}" x="{left + width * part:.1f}" y="{top + height + 13:.1f}">{day}</text>')
    x = left
    for label, color, _ in lines:
        out.append(f'<rect x="{x}" y="{top + height + 20:.1f}" width="9" height="9" fill="{color}"/>')
        out.append(f'<text class="small" x="{x + 13}" y="{top + height + 28:.1f}">{html.escape(label)}</text>')
        x += 26 + 5.4 * len(label)
    return out


def table(figures, left, top, width, height):
    out = []
    rows = sorted(figures.findings.values(), key=lambda line: line["at"], reverse=True)
    columns = [("at", 12), ("severity", 170), ("code", 240), ("name", 430), ("message", 590)]
    for key, x in columns:
        out.append(f'<text class="small" x="{left + x}" y="{top + 40}">{key if key != "at" else "@timestamp"}</text>')
    for number, line in enumerate(rows[: int((height - 60) / 18) + 1]):
        y = top + 60 + 18 * number
        for key, x in columns:
            text = textwrap.shorten(str(line.get(key, "")), 92, placeholder=" …")
            out.append(f'<text x="{left + x}" y="{y}">{html.escape(text)}</text>')
    return out


def text(markdown, left, top):
    title, _, rest = markdown.partition("\n")
    return [
        f'<text class="big" x="{left + 12}" y="{top + 32}">{html.escape(title.lstrip("# "))}</text>',
        f'<text x="{left + 12}" y="{top + 56}">{html.escape(rest.replace("`", ""))}</text>',
    ]


def picture(body, figures):
    widgets = body["widgets"]
    width = max(w["x"] + w["width"] for w in widgets) * COLUMN
    height = max(w["y"] + w["height"] for w in widgets) * ROW
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="The dashboard">', f"<style>{STYLE}</style>"]
    for widget in widgets:
        left, top = widget["x"] * COLUMN + GAP / 2, widget["y"] * ROW + GAP / 2
        wide, high = widget["width"] * COLUMN - GAP, widget["height"] * ROW - GAP
        out.append(f'<rect class="widget" x="{left}" y="{top}" width="{wide}" height="{high}" rx="6"/>')
        if "title" in widget["properties"]:
            out.append(f'<text class="title" x="{left + 12}" y="{top + 20}">{html.escape(widget["properties"]["title"])}</text>')
        match widget["type"]:
            case "text":
                out += text(widget["properties"]["markdown"], left, top)
            case "log":
                out += table(figures, left, top, wide, high)
            case "metric":
                out += chart(widget, figures, left, top, wide, high)
    return "\n".join([*out, "</svg>"])


if __name__ == "__main__":
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    resources = render({"FunctionName": "rotator"})["Resources"]
    (body,) = [one["Properties"]["DashboardBody"] for one in resources.values() if one["Type"] == "AWS::CloudWatch::Dashboard"]
    print(picture(json.loads(body), Figures(lines)))
