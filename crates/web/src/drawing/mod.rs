//! Pictures of procedures, for paper and for other programs.

mod bpmn;
mod ladder;
mod words;

use domain::case::Procedure;

pub use crate::locale::Language;

/// A drawing as SVG 1.1, light and printable: stages from top to bottom in the order of the seven steps.
pub fn svg(procedure: &Procedure, language: Language) -> Result<String, askama::Error> {
    ladder::draw(procedure, &words::Words::new(language))
}

/// BPMN 2.0 XML with its diagram. The condition of a flow out of a gateway is the id of the transition.
pub fn bpmn(procedure: &Procedure, language: Language) -> Result<String, askama::Error> {
    bpmn::draw(procedure, &words::Words::new(language))
}
