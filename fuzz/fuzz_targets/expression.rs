//! Expressions: XPath of forms, and `$filter` of OData.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xform::{odata, xpath::Expression};

fuzz_target!(|text: &str| {
    if let Ok(expression) = Expression::parse(text) {
        assert_eq!(expression.text(), text);
        let _ = (expression.uses(), expression.paths(), expression.patterns(), expression.constant());
    }
    let _ = odata::Address::read(text);
});
