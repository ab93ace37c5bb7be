//! Bodies that were served to clients and read without a fault.

use open311::*;

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn request() -> Request {
    Request {
        service_request_id: "150902-20261120-000001".into(),
        status: Status::Open,
        status_notes: "已派遣".into(),
        service_name: "暴露垃圾".into(),
        service_code: "E010203".into(),
        description: Some("三楼门口".into()),
        agency_responsible: Some("环卫中心".into()),
        service_notice: None,
        requested: moment("2026-11-20T09:30:00+08:00"),
        updated: moment("2026-11-20T09:30:00+08:00"),
        expected: Some(moment("2026-11-20T13:30:00+08:00")),
        address: "人民路1号".into(),
        address_id: String::new(),
        zipcode: "012000".into(),
        position: Some((41.0341, 113.1145)),
        media_url: None,
        extension: None,
    }
}

#[test]
fn a_request_is_written_as_clients_read_it() {
    let document = requests(&[request()]);
    assert_eq!(
        document.xml(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <service_requests><request>\
        <service_request_id>150902-20261120-000001</service_request_id><status>open</status><status_notes>已派遣</status_notes>\
        <service_name>暴露垃圾</service_name><service_code>E010203</service_code><description>三楼门口</description>\
        <agency_responsible>环卫中心</agency_responsible><service_notice></service_notice>\
        <requested_datetime>2026-11-20T09:30:00+08:00</requested_datetime><updated_datetime>2026-11-20T09:30:00+08:00</updated_datetime>\
        <expected_datetime>2026-11-20T13:30:00+08:00</expected_datetime><address>人民路1号</address><address_id></address_id>\
        <zipcode>012000</zipcode><lat>41.0341</lat><long>113.1145</long><media_url></media_url>\
        </request></service_requests>"
    );
    assert_eq!(
        document.json(),
        "[{\"service_request_id\":\"150902-20261120-000001\",\"status\":\"open\",\"status_notes\":\"已派遣\",\
        \"service_name\":\"暴露垃圾\",\"service_code\":\"E010203\",\"description\":\"三楼门口\",\
        \"agency_responsible\":\"环卫中心\",\"service_notice\":null,\
        \"requested_datetime\":\"2026-11-20T09:30:00+08:00\",\"updated_datetime\":\"2026-11-20T09:30:00+08:00\",\
        \"expected_datetime\":\"2026-11-20T13:30:00+08:00\",\"address\":\"人民路1号\",\"address_id\":null,\
        \"zipcode\":\"012000\",\"lat\":41.0341,\"long\":113.1145,\"media_url\":null}]"
    );
}

#[test]
fn what_is_not_known_is_left_out_or_empty() {
    let bare = Request { expected: None, position: None, description: None, ..request() };
    let xml = requests(&[bare]).xml();
    assert!(xml.contains("<description></description>"), "{xml}");
    assert!(!xml.contains("expected_datetime") && !xml.contains("<lat>"), "{xml}");
    assert_eq!(
        requests(&[]).xml(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><service_requests></service_requests>"
    );
    assert_eq!(requests(&[]).json(), "[]");
}

#[test]
fn the_answer_to_a_new_request_and_to_a_token_is_a_list_of_one() {
    let answer = filed(&Filed {
        service_request_id: "150902-20261120-000003".into(),
        service_notice: Some("4 工作时内处置".into()),
        account_id: None,
    });
    assert_eq!(
        answer.json(),
        "[{\"service_request_id\":\"150902-20261120-000003\",\"service_notice\":\"4 工作时内处置\",\"account_id\":null}]"
    );
    assert_eq!(
        token("t1", "r1").xml(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <service_requests><request><service_request_id>r1</service_request_id><token>t1</token></request></service_requests>"
    );
    assert_eq!(update_filed("u1").json(), "[{\"update_id\":\"u1\"}]");
}

#[test]
fn a_definition_keeps_its_types() {
    let choice = |key: &str, name: &str| Choice { key: key.into(), name: name.into() };
    let definition = service_definition(&ServiceDefinition {
        service_code: "E010203".into(),
        attributes: vec![Attribute {
            variable: true,
            code: "VOLUME".into(),
            datatype: Datatype::SingleValueList,
            required: true,
            datatype_description: "选一项".into(),
            order: 1,
            description: "垃圾量".into(),
            values: vec![choice("S", "小于1立方米"), choice("L", "1立方米以上")],
            automated: None,
        }],
    });
    assert_eq!(
        definition.json(),
        "{\"service_code\":\"E010203\",\"attributes\":[{\"variable\":true,\"code\":\"VOLUME\",\
        \"datatype\":\"singlevaluelist\",\"required\":true,\"datatype_description\":\"选一项\",\"order\":1,\
        \"description\":\"垃圾量\",\"values\":[{\"key\":\"S\",\"name\":\"小于1立方米\"},{\"key\":\"L\",\"name\":\"1立方米以上\"}]}]}"
    );
}

#[test]
fn an_error_says_code_and_words() {
    let error = |code: &str, description: &str| Error { code: code.into(), description: description.into() };
    let document = errors(&[error("403", "api_key is missing or not known"), error("400", "lat < -90")]);
    assert_eq!(
        document.xml(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <errors><error><code>403</code><description>api_key is missing or not known</description></error>\
        <error><code>400</code><description>lat &lt; -90</description></error></errors>"
    );
    assert!(document.json().starts_with("[{\"code\":\"403\",\"description\":"));
}

#[test]
fn discovery_names_the_formats_of_each_endpoint() {
    let changeset = moment("2026-11-20T09:30:00+08:00");
    let endpoint = |url: &str, kind| Endpoint { url: url.into(), changeset, kind };
    let document = discovery(&Discovery {
        changeset,
        contact: "a".into(),
        key_service: "b".into(),
        endpoints: vec![
            endpoint("https://a.cn/open311/v2", EndpointType::Production),
            endpoint("https://a.cn/open311/test/v2", EndpointType::Test),
        ],
    });
    assert!(document.json().contains(
        "{\"specification\":\"http://wiki.open311.org/GeoReport_v2\",\"url\":\"https://a.cn/open311/v2\",\
        \"changeset\":\"2026-11-20T09:30:00+08:00\",\"type\":\"production\",\"formats\":[\"text/xml\",\"application/json\"]}"
    ));
    assert!(
        document
            .xml()
            .contains("<formats><format>text/xml</format><format>application/json</format></formats>")
    );
}

#[test]
fn a_table_is_quoted_and_nothing_in_it_is_run_by_a_spreadsheet() {
    let request = Request { description: Some("=HYPERLINK(\"x\"),\n灯".into()), ..request() };
    let row = bulk_row(&BulkRow { request: &request, source: "public", group: "市容环境" });
    let mut reader = csv::Reader::from_reader(std::io::Cursor::new(bulk_header() + &row));
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), BULK_COLUMNS);
    let cells = reader.records().next().unwrap().unwrap();
    assert_eq!(&cells[9], "'=HYPERLINK(\"x\"),\n灯");
    assert_eq!((&cells[3], &cells[7], &cells[12]), ("", "市容环境", "41.0341"));
    assert_eq!(feature_line(&request).matches('\n').count(), 1);
}
