"""Converts the sample sheets with pyxform and with olzii: `OLZII FOLDER WORK`. Both must make the same, or refuse."""

import pathlib
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import openpyxl
import pyxform
from pyxform.xls2xform import convert

olzii, folder, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
work.mkdir(parents=True, exist_ok=True)
failures = []


def sheets(text):
    """The workbook that a Markdown sample stands for: a filled first cell begins a sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheet = None
    for line in text.splitlines():
        line = line.strip()
        if not line.startswith("|"):
            continue
        cells = [it.strip().replace("\\p", "|") for it in line[1:].removesuffix("|").split("|")]
        if cells[0]:
            sheet = book.create_sheet(cells[0])
            if not any(cells[1:]):
                continue
        sheet.append([it or None for it in cells[1:]])
    return book


def canonical(xml):
    return ElementTree.canonicalize(xml, strip_text=True)


def first_difference(ours, theirs):
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    return f"\n  olzii:   …{ours[max(0, at - 120):at + 120]}\n  pyxform: …{theirs[max(0, at - 120):at + 120]}"


def by_pyxform(path):
    try:
        return convert(str(path)).xform, None
    except Exception as error:  # whatever it is, the sheet was refused
        return None, str(error).splitlines()[0]


def check(path, may_be_refused):
    ours = subprocess.run([olzii, "form", "convert", path], capture_output=True, text=True)
    theirs, reason = by_pyxform(path)
    name = path.stem
    if theirs is None or ours.returncode != 0:
        if theirs is None and ours.returncode != 0:
            if not may_be_refused:
                failures.append(f"{name}: refused by both: {reason}")
            print(f"  {name}: refused by both")
        else:
            by = "pyxform" if theirs is None else "olzii"
            failures.append(f"{name}: refused by {by} only: {reason or ours.stderr.strip()}")
        return
    one, other = canonical(ours.stdout), canonical(theirs)
    if one != other:
        failures.append(f"{name}: differs{first_difference(one, other)}")
        return
    (work / f"{name}.xml").write_text(ours.stdout)
    print(f"  {name}: the same, {len(one)} bytes")
    if shutil.which("java"):
        jar = pathlib.Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
        outcome = subprocess.run(["java", "-jar", jar, work / f"{name}.xml"], capture_output=True, text=True)
        if outcome.returncode != 0:
            failures.append(f"{name}: ODK Validate: {outcome.stderr.strip()[:500]}")


samples = sorted(folder.glob("*.md")) + sorted((folder / "refused").glob("*.md"))
for sample in samples:
    path = work / f"{sample.stem}.xlsx"
    sheets(sample.read_text()).save(path)
    check(path, sample.parent.name == "refused")
for path in sorted(folder.glob("*.xlsx")) + [pathlib.Path(it) for it in sys.argv[4:]]:
    check(path, len(sys.argv) > 4)
for failure in failures:
    print(f"FAILED {failure}")
sys.exit(bool(failures) or not samples)
