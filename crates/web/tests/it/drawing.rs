//! Drawings of procedures: what a label holds is words, never markup.

use domain::case::{Procedure, Procedures};
use web::drawing::{Language, bpmn, svg};

const SHIPPED: &str = include_str!("../../../../procedures/city-event.toml");

fn procedure(text: &str) -> Procedures {
    Procedures::load(&[("event.toml".to_owned(), text.to_owned())]).expect("it is sound")
}

fn drawings(text: &str) -> Vec<String> {
    let procedures = procedure(text);
    let procedure: &Procedure = procedures.iter().next().unwrap();
    let all = [Language::ZhHans, Language::En];
    all.into_iter().flat_map(|it| [svg(procedure, it).unwrap(), bpmn(procedure, it).unwrap()]).collect()
}

#[test]
fn a_label_cannot_break_out_of_a_drawing() {
    let hostile =
        SHIPPED.replace("信息收集", "<script>&\\\"'\\u0001").replace("en = \"Collect\"", "en = \"a<b>&c\"");
    for drawing in drawings(&hostile) {
        assert!(!drawing.contains("<script") && !drawing.contains("a<b>") && !drawing.contains('\u{1}'));
        assert!(drawing.contains("&#60;") || drawing.contains("&lt;"), "{drawing}");
        assert!(drawing.starts_with("<?xml"));
    }
}

#[test]
fn a_drawing_says_who_acts_by_when_and_how_often() {
    let [picture, process, english, _] = &drawings(SHIPPED)[..] else { panic!("four drawings") };
    for words in [
        "24 个紧急工作时",
        "超时告知：督办领导",
        "网格员、受理员",
        "最多 1 次 · 各单位合计最多 2 次",
        "按类别时限",
    ] {
        assert!(picture.contains(words), "{words}");
    }
    for words in
        ["时限用去 80% 时告知：处置员", "时限用去 200% 时告知：指挥长", "可挂账：处置员申请，督办领导决定"]
    {
        assert!(picture.contains(words) && process.contains(words), "{words}");
    }
    for words in ["24 urgent hours", "at most once", "Grid workers, Acceptor"] {
        assert!(english.contains(words), "{words}");
    }
    for part in [
        "<bpmn:userTask id=\"stage_adjudicate\"",
        "<bpmn:exclusiveGateway id=\"after_handle\"",
        "attachedToRef=\"stage_evaluate\" cancelActivity=\"true\"",
        "attachedToRef=\"stage_handle\" cancelActivity=\"false\"",
        "PT24H",
        ">return</bpmn:conditionExpression>",
        "<bpmndi:BPMNEdge id=\"stage_handle.return_edge\"",
    ] {
        assert!(process.contains(part), "{part}");
    }
}
