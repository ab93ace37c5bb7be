//! The cells of operations on the burden of forms.

use axum::http::Method;
use domain::City as House;
use serde_json::json;
use store::StoreError;

use super::{
    case_operations::post,
    fixture::Unit,
    matrix::{Cell, Undo},
    operations::{change, everybody, read},
    server::{Call, Payload, Server},
    verdict::{Actor, Object},
};

const WIPE: [&str; 2] = ["DELETE FROM burden_limit", "DELETE FROM journal WHERE action = 'burden.set_limit'"];

pub fn cells(server: &Server, operation: &str) -> Vec<Cell> {
    let of_each = |cell: &dyn Fn(Actor, Object, &Unit) -> Cell| {
        let units = || server.city.units.iter().enumerate();
        let of_one = |actor| units().map(move |(unit, it)| cell(actor, Object::Area(unit), it));
        everybody(server).into_iter().flat_map(of_one).collect()
    };
    match operation {
        "GET /api/v1/burdens" => of_each(&|actor, object, unit| {
            read(operation, actor, object, format!("/api/v1/burdens?area={}&month=2026-11", unit.code))
        }),
        "PUT /api/v1/burdens/limits/{area}" => of_each(&|actor, object, unit| {
            let body = Payload::Json(json!({ "forms": 3, "questions": null }));
            let path = format!("/api/v1/burdens/limits/{}", unit.code);
            let call = Call { method: Method::PUT, path, ..post(actor, body) };
            change(operation, object, call, Undo::Limits)
        }),
        _ => Vec::new(),
    }
}

pub fn restore(house: &House) {
    let wiped = house.db.write(|tx| WIPE.iter().try_for_each(|it| tx.execute(it, &[]).map(drop)));
    wiped.unwrap_or_else(|error: StoreError| panic!("{error}"));
}
