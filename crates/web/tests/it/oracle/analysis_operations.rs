//! The cells of operations on the analysis of a form: that of the city.

use super::{
    fixture::CITY,
    matrix::Cell,
    operations::{everybody, read},
    server::{Call, Server},
    verdict::Object,
};

/// What the planted form asks.
pub const FORM: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>摸底表</h:title><model>
    <instance><data id="oracle" version="1"><note/><meta><instanceID/></meta></data></instance><bind nodeset="/data/note" type="string"/>
    </model></h:head><h:body><input ref="/data/note"><label>情况</label></input></h:body></h:html>"#;

pub fn cells(server: &Server, operation: &str) -> Vec<Cell> {
    let (seen_by, rest) = match operation {
        "GET /api/v1/forms/{form_id}/analysis" => ("GET /api/v1/forms/{form_id}/analysis", ""),
        "GET /api/v1/forms/{form_id}/analysis/answers" => {
            ("GET /api/v1/forms/{form_id}/analysis/answers", "/answers?question=%2Fdata%2Fnote")
        }
        _ => return Vec::new(),
    };
    let object = Object::Area(server.city.unit(CITY));
    let cell = |actor| {
        let path = |form: &str| format!("/api/v1/forms/{form}/analysis{rest}");
        let absent = Some(Call::get(actor, path("nothing")));
        Cell { seen_by: Some(seen_by), absent, ..read(operation, actor, object, path("oracle")) }
    };
    everybody(server).into_iter().map(cell).collect()
}
