"""A client that others wrote for ODK Central (pyodk) against a served city: `BASE LOGIN_NAME PASSWORD FOLDER`."""

import concurrent.futures
import datetime
import os
import pathlib
import sys
import uuid

import openpyxl
import requests

base, login_name, password, folder = sys.argv[1:]
folder = pathlib.Path(folder)
folder.mkdir(parents=True, exist_ok=True)
config = folder / "pyodk.toml"
config.write_text(f'[central]\nbase_url = "{base}"\nusername = "{login_name}"\npassword = "{password}"\n')
os.environ["PYODK_CONFIG_FILE"] = str(config)

from pyodk.client import Client  # noqa: E402  It reads its configuration when it is loaded.
from pyodk.errors import PyODKError  # noqa: E402

NASTY = "'=+/*-451%/%✅"


def check(fact, words):
    assert fact, words
    print("  ok", words)


def spreadsheet(name, form_id, version):
    """Households of a village, chosen from a list that comes as a file."""
    sheets = {
        "survey": [
            ("type", "name", "label", "required", "constraint", "calculation"),
            ("select_one_from_file groups.csv", "villagers_group", "村民小组", "yes", "", ""),
            ("integer", "households", "户数", "yes", ". >= 0", ""),
            ("calculate", "leader", "", "", "", "pulldata('groups', 'leader', 'name', ${villagers_group})"),
            ("begin_repeat", "well", "水井", "", "", ""),
            ("decimal", "depth", "井深", "", ". > 0", ""),
            ("end_repeat", "", "", "", "", ""),
            ("image", "board", "公开栏", "", "", ""),
        ],
        "settings": [("form_title", "form_id", "version"), ("村情表", form_id, version)],
    }
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    workbook.save(path)
    return path


def record(form_id, version, instance_id, households, deprecated_id=None, board=""):
    replaced = f"<deprecatedID>{deprecated_id}</deprecatedID>" if deprecated_id else ""
    return (
        f'<data id="{form_id}" version="{version}"><villagers_group>g1</villagers_group>'
        f"<households>{households}</households><leader>张</leader><well><depth>41.5</depth></well>"
        f"<well><depth>12</depth></well><board>{board}</board>"
        f"<meta>{replaced}<instanceID>{instance_id}</instanceID></meta></data>"
    )


def code(call):
    try:
        call()
    except PyODKError as error:
        return str(error.args[1].json()["code"])
    return None


def new_id():
    return f"uuid:{uuid.uuid4()}"


groups = folder / "groups.csv"
groups.write_text("name,label,leader\ng1,一组,张\ng2,二组,李\n")
picture = folder / "board.png"
picture.write_bytes(b"\x89PNG not really")

with Client() as first:
    # The leader reads the city's forms too, and asks in the county alone.
    project = next(it for it in first.projects.list() if str(it.id) == "150902")
with Client(project_id=project.id) as client:
    check(client.projects.get(project.id).name == project.name, f"signs in, and finds the project {project.name}")
    form = client.forms.create(spreadsheet("village.xlsx", "village", "1"), attachments=[str(groups)])
    check((form.xmlFormId, form.version, form.publishedAt) == ("village", "1", None), "creates a form with its list")
    form = client.forms.get("village")
    check(form.publishedAt is not None and form.name == "村情表", "publishes it")
    check("村民小组" in client.forms.get_xml("village"), "reads its XForm")
    check(code(lambda: client.forms.create(spreadsheet("again.xlsx", "village", "9"))) == "409.3", "is told of one that is there")
    client.forms.update("village", definition=str(spreadsheet("village-2.xlsx", "village", "2")))
    groups.write_text("name,label,leader\ng1,一组,张\ng2,二组,李\ng3,三组,王\n")
    client.forms.update("village", attachments=[str(groups)], version_updater=lambda it: it + "_1")
    versions = [it["version"] for it in client.get("projects/%s/forms/village/versions" % project.id).json()]
    check(versions == ["2_1", "2", "1"], "publishes new versions, of its text and of its list")

    users = client.projects.create_app_users(["一村的手机", "二村的手机"], forms=["village"])
    check(all(it.token and len(it.token) == 64 for it in users), "gives tokens to two phones")
    phone = f"{base}/v1/key/{users[0].token}/projects/{project.id}"
    headers = {"X-OpenRosa-Version": "1.0"}
    listed = requests.get(f"{phone}/formList", headers=headers, timeout=20)
    check("<formID>village</formID>" in listed.text, "a phone finds the form")

    def post(text, files=None):
        parts = {"xml_submission_file": ("record.xml", text, "text/xml"), **(files or {})}
        return requests.post(f"{phone}/submission", headers=headers, files=parts, timeout=60)

    by_phone = new_id()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: post(record("village", "2_1", by_phone, 88)).status_code, range(48)))
    check(answers == [201] * 48, "48 equal posts of a phone at once are all taken")

    own = new_id()
    sent = client.submissions.create(
        record("village", "2_1", own, 120, board="board.png"), form_id="village", attachments=[str(picture)]
    )
    check((sent.instanceId, sent.attachments[0].exists) == (own, True), "sends a record with its file")
    check(code(lambda: client.submissions.create(record("village", "2_1", own, 120), form_id="village")) == "409.3",
          "is told of a record that is there")
    edited = new_id()
    client.submissions.edit(
        own, record("village", "2_1", edited, -4, own, board="board.png"), form_id="village", comment="户数有误，先改为负数"
    )
    check(client.submissions.get(own, form_id="village").reviewState == "edited", "edits it")
    check(client.submissions.list_comments(own, form_id="village")[0].body == "户数有误，先改为负数", "comments it")
    late = lambda: client.submissions._put(own, record("village", "2_1", new_id(), 5, own), form_id="village")  # noqa: E731
    check(code(late) == "409.9", "is told of an edit that comes too late")
    client.submissions.review(own, form_id="village", review_state="hasIssues", comment="户数不能为负")
    states = {it.instanceId: it.reviewState for it in client.submissions.list(form_id="village")}
    check(states == {own: "hasIssues", by_phone: None}, "judges it, and lists both")

    table = client.submissions.get_table(form_id="village", count=True, filter="households lt 0")
    check((table["@odata.count"], table["value"][0]["__id"]) == (1, own), "finds one by its answer")
    ordered = {"$orderby": "depth desc", "$top": 3}
    wells = client.get(f"projects/{project.id}/forms/village.svc/Submissions.well", params=ordered).json()["value"]
    check([it["depth"] for it in wells] == [41.5, 41.5, 12], "reads the rows of a repeat in an order")
    nested = client.submissions.get_table(form_id="village", expand="*")["value"][0]
    check([it["depth"] for it in nested["well"]] == [41.5, 12], "reads records with their repeats")

    nasty = client.forms.create(spreadsheet("nasty.xlsx", NASTY, "1"), attachments=[str(groups)])
    check(client.forms.get(NASTY).xmlFormId == nasty.xmlFormId == NASTY, f"keeps the form id {NASTY}")
    odd = f"scna+~!@#$%^&*()_+=-✅{datetime.datetime.now().isoformat()}"
    escaped = odd.replace("&", "&amp;")
    client.submissions.create(record(NASTY.replace("'", "&apos;"), "1", escaped, 7), form_id=NASTY)
    check(client.submissions.get(odd, form_id=NASTY).instanceId == odd, "keeps an instance id of all sorts of characters")
