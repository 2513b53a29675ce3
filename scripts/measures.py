"""Measures the Java code of this checkout: how big it is, and how big its parts are.

A code line is a line with something else than white space and comments; package and import lines count. A function's
length is its code lines from its first annotation or modifier to its closing brace; a lambda belongs to the function that
contains it. Functions are found by their braces, with comments and strings blanked out; this is not a full Java parser.

usage: measures.py [--limits FILE]

Each line of FILE is a measure's name and the highest value that it may have. The exit status is 1 if one is higher.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
ARGUMENTS_MAX = 5

# The first that begins wins, so a quote in a comment is no string, nor "//" in a string a comment.
TOKEN = re.compile(
    r'(?P<comment>/\*.*?\*/|//[^\n]*)|"""(?:\\.|.)*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
CONTROL = {"if", "for", "while", "switch", "catch", "try", "synchronized", "return", "new", "else", "throw", "yield"}
TYPE = re.compile(r"\b(?:class|interface|enum|record)\s+(\w+)")
NAME_BEFORE = re.compile(r"((?:[\w.]+\s+)?)([\w.]+)\s*(?:<[^()]*>)?\s*$")


def without_texts(source):
    """Comments become blanks, and quoted text becomes underscores; line numbers stay the same."""
    def blank(match):
        text = match.group()
        return re.sub(r"[^\n]", " ", text) if match["comment"] else '"' + re.sub(r"\S", "_", text[1:-1]) + '"'
    return TOKEN.sub(blank, source)


def code_lines(text):
    return sum(1 for line in text.splitlines() if line.strip())


def opening(text, end):
    """Where the parenthesis opens that closes at this index, or that contains it; -1 if there is none."""
    depth = 0
    for at in range(end - 1, -1, -1):
        if text[at] == "(" and depth == 0:
            return at
        if text[at] in "{};" and depth == 0:
            break
        depth += {")": 1, "(": -1}.get(text[at], 0)
    return -1


def count(parameters):
    """The number of parameters: commas in type arguments and annotations do not separate them."""
    nested = None
    while nested != parameters:
        nested, parameters = parameters, re.sub(r"<[^<>()]*>|\([^()]*\)", "", parameters)
    return len([one for one in parameters.split(",") if one.strip()])


def functions(text):
    """Each method and constructor that has a body: (is it a constructor, number of parameters, code lines)."""
    opened = []  # of each brace that is open: where its header begins, the type's name, and what it is if a function
    start = 0
    for match in re.finditer(r"[{};]", text):
        if match.group() == "{":
            header = text[start:match.start()]
            enclosing = next((name for _, name, _ in reversed(opened) if name), "")
            opened.append((start + len(header) - len(header.lstrip()), *read(header, enclosing)))
        elif match.group() == "}" and opened:
            began, _, function = opened.pop()
            if function:
                yield *function, code_lines(text[began:match.end()])
        start = match.end()


def read(header, enclosing):
    """What the brace after this header opens: (the name if it is a type, (constructor, parameters) if a function)."""
    if kind := TYPE.search(header):
        return kind[1], None
    header = re.sub(r"\bthrows\s+[\w.,\s]+$", "", header).strip()
    if not header.endswith(")"):
        compact = enclosing and re.fullmatch(rf"(?:@\w+\s+|public |protected |private )*{enclosing}", header)
        return "", (False, 0) if compact else None
    begin = opening(header, len(header) - 1)
    before = NAME_BEFORE.search(header[:max(begin, 0)])
    if begin < 0 or not before or before[2] in CONTROL or before[1].strip() in CONTROL or "->" in header:
        return "", None
    is_constructor = before[2] == enclosing
    # A constant of an enum with a body of its own has neither a type before its name nor the enum's name.
    has_type = re.search(r"[\w>\]]\s+$", header[:before.start(2)])
    return "", (is_constructor, count(header[begin + 1:-1])) if is_constructor or has_type else None


def record_headers(text):
    """The number of parameters of each record."""
    for match in re.finditer(r"\brecord\s+\w+\s*(?:<[^()]*>)?\s*\(((?:[^()]|\([^()]*\))*)\)", text):
        yield count(match[1])


def boolean_parameters(text):
    """How many parameters of methods, constructors and records are boolean; record patterns declare no parameter."""
    found = 0
    for match in re.finditer(r"\bboolean(?:\s*\.\.\.)?\s+\w+\s*(?=[,)])", text):
        at, pattern = match.start(), False
        while (at := opening(text, at)) >= 0:
            pattern |= bool(re.search(r"\b(?:case|instanceof)\s+[\w.]+(?:<[^()]*>)?\s*$", text[:at]))
        found += not pattern
    return found


def measures():
    main, tests = ([path.read_text(encoding="utf-8") for path in (ROOT / folder).rglob("*.java")]
                   for folder in ("src/main/java", "src/test/java"))
    bare = [without_texts(source) for source in main]
    sizes = sorted(code_lines(text) for text in bare)
    found = [function for text in bare for function in functions(text)]
    test_lines = sum(code_lines(without_texts(source)) for source in tests)
    return {
        "main_code_lines": sum(sizes),
        "main_files": len(sizes),
        "largest_file": sizes[-1],
        "file_90th_percentile": sizes[-(-len(sizes) * 9 // 10) - 1],
        "longest_function": max(lines for _, _, lines in found),
        "boolean_parameters": sum(map(boolean_parameters, bare)),
        "large_constructors": sum(1 for constructor, arguments, _ in found if constructor and arguments > ARGUMENTS_MAX),
        "large_record_headers": sum(1 for text in bare for arguments in record_headers(text) if arguments > ARGUMENTS_MAX),
        "concatenated_sentences": sum(len(re.findall(r'^\s*\+ "', source, re.MULTILINE)) for source in main),
        "test_code_lines": test_lines,
        "test_to_main_ratio": round(test_lines / sum(sizes), 2),
    }


def main(arguments):
    if arguments and (len(arguments) != 2 or arguments[0] != "--limits"):
        raise SystemExit("usage: measures.py [--limits FILE]")
    measured = measures()
    for name, value in measured.items():
        print(f"{name:24} {value}")
    limits = pathlib.Path(arguments[1]).read_text(encoding="utf-8").splitlines() if arguments else []
    limits = dict(line.split() for line in limits if line.strip() and not line.startswith("#"))
    wrong = [f"{name} is no measure" for name in limits if name not in measured]
    wrong += [f"{name} is {value}, and its limit is {limits[name]}"
              for name, value in measured.items() if name in limits and value > float(limits[name])]
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
