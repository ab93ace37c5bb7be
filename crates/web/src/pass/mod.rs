//! Passes: what checkpoints take along, what everybody may know of a regime, one's own passes, and the offices' pages.
//!
//! There is no page, no form and no address here that takes a person and an outcome.

mod checkpoint;
mod mine;
mod office;
mod regime;
mod view;

use axum::{
    Router,
    routing::{get, post},
};

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/pass/bundle", get(checkpoint::bundle))
        .route("/pass/status/{number}", get(checkpoint::status))
        .route("/pass/bundle.tlog-proof", get(checkpoint::proof))
        .route("/passes", get(regime::list))
        .route("/passes/propose", get(office::form).post(office::propose))
        .route("/passes/{number}", get(regime::show))
        .route("/passes/{number}/decide", post(office::decide))
        .route("/passes/{number}/rules", post(office::propose_rule))
        .route("/passes/{number}/rules/{version}/decide", post(office::decide_rule))
        .route("/passes/{number}/keys", post(office::add_key))
        .route("/passes/{number}/keys/{key}/{step}", post(office::key))
        .route("/passes/{number}/statements", post(office::state))
        .route("/passes/{number}/desk", post(office::desk))
        .route("/passes/{number}/mine", get(mine::show))
        .route("/passes/{number}/mine/{index}", get(mine::code))
        .route("/passes/{number}/sheet", get(mine::sheet))
        .route("/passes/{number}/ask", post(mine::ask))
        .route("/passes/{number}/revoke", post(mine::revoke))
        .route("/passes/{number}/appeal", post(mine::appeal))
        .route("/passes/{number}/mandates", post(mine::give_mandate))
        .route("/passes/{number}/statements/{evidence}/end", post(mine::end_own))
}
