"""Independent Open311 clients (georeport, civicbot) against a served city: `BASE API_KEY`."""

import sys

import civicbot.registry
import requests
import xmltodict
from civicbot.open311 import Open311Client
from georeport import GeoReport

base, api_key = sys.argv[1:]
root = f"{base}/open311/v2"
service = "c1-street-lamp"
grid = requests.get(f"{base}/api/v1/areas?tier=grid&limit=1", timeout=20).json()["items"][0]["code"]

endpoint = civicbot.registry.Endpoint(id="demo", name="demo", base_url=root, write=True)
civic = Open311Client(endpoint)


def check(fact, words):
    assert fact, words
    print("  ok", words)


def file_request(description):
    sent = civic.create_request(
        service, dry_run=False, confirm="SEND", api_key=api_key, validate_remote=True,
        lat=41.03, lng=113.11, description=description, attributes={"area": grid},
        first_name="San", last_name="Zhang", phone="13900000000",
    )
    return sent.response[0]["service_request_id"]


discovery = requests.get(f"{base}/open311/discovery.json", timeout=20).json()
check(root in [it["url"] for it in discovery["endpoints"]], "discovery names the endpoint")

filed = file_request("路灯不亮 <三天> & 还多")
check(civic.get_request(filed)["service_code"] == service, "civicbot files a request and reads it back")
check(civic.get_token(filed)[0]["service_request_id"] == filed, "civicbot asks for it by token")
check(filed in [it["service_request_id"] for it in civic.list_requests(status="open", page_size=50)],
      "civicbot finds it among the open ones")
check(civic.list_requests(service_request_ids=[filed])[0]["status"] == "open", "civicbot finds it by id")

read = {}
for output_format in ("json", "xml"):
    client = GeoReport(root, output_format=output_format)
    services = client.get_service_list()
    check(service in [it["service_code"] for it in services], f"georeport lists {len(services)} services, {output_format}")
    definition = client.get_service_definition(service)
    check(definition["service_code"] == service, f"georeport reads a definition, {output_format}")
    many = client.get_service_requests(service_code=service)
    many = many if isinstance(many, list) else [many]
    check(filed in [it["service_request_id"] for it in many], f"georeport lists {len(many)} requests, {output_format}")
    read[output_format] = client.get_service_request(filed)
    check(read[output_format]["service_request_id"] == filed, f"georeport reads one request, {output_format}")

check(set(read["json"]) == set(read["xml"]), "both formats have the same fields")
same = all(str(value) == (read["xml"][name] or "None") for name, value in read["json"].items())
check(same, "both formats say the same")
check("Zhang" not in str(read) and "13900000000" not in str(read), "nobody is named")
check(read["json"]["description"] is None, "no words are shown before somebody has looked")

form = {"api_key": api_key, "service_code": service, "address_id": grid, "description": "x", "email": "a@b.cn"}
headers = {"Idempotency-Key": "once"}
answers = [requests.post(f"{root}/requests.xml", data=form, headers=headers, timeout=20) for _ in range(2)]
ids = [xmltodict.parse(it.content)["service_requests"]["request"]["service_request_id"] for it in answers]
check(ids[0] == ids[1], "the same request sent twice in XML is one")

refused = requests.post(f"{root}/requests.xml", data={**form, "api_key": "wrong"}, timeout=20)
check(refused.status_code == 403 and xmltodict.parse(refused.content)["errors"]["error"]["code"] == "403",
      "a wrong key is refused in words")
