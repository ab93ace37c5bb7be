//! The page of an analysis: what it is based on, one question by another, and every question.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Refusal,
    analysis::{self, Answers, Weighting, Weights},
    form,
};

use super::{
    asked::{self, AREA, AnalysisQuery, CAMPAIGN, Question},
    view::{CrossView, Looks, QuestionView, shown_short},
};
use crate::{
    case::view::Moment,
    form::view::records_address,
    sent::{PagePath, PageQuery},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

/// Its value, its words, and whether it is chosen.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "analysis/page.html")]
struct AnalysisPage {
    shell: Shell,
    title: String,
    records: String,
    action: String,
    /// What follows the addresses of files.
    rest: String,
    basis: Basis,
    campaigns: Vec<Choice>,
    weightings: Vec<Choice>,
    rows: Vec<Choice>,
    columns: Vec<Choice>,
    faults: FormFaults,
    cross: Option<CrossView>,
    questions: Vec<QuestionView>,
    /// Shares are weighted, and counts are not.
    is_weighted: bool,
}

/// What figures rest on, line by line.
pub struct Basis {
    counted: i64,
    left_out: Vec<String>,
    first: Option<Moment>,
    last: Option<Moment>,
    campaign: Option<String>,
    weighting: String,
    effective: String,
    notes: Vec<String>,
}

pub async fn show(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageQuery(query): PageQuery<AnalysisQuery>,
) -> Response {
    visitor.page(move |ctx, shell| shown(ctx, shell, &form_id, &query)).await
}

fn shown(ctx: &Ctx, mut shell: Shell, form_id: &str, query: &AnalysisQuery) -> Result<Response, Refusal> {
    for link in &mut shell.links {
        link.current = link.address == "/forms";
    }
    let question = Question::read(query)?;
    let form = form::get(ctx, form_id)?.form;
    let choose = asked::chooser(shell.t.language);
    let answers = analysis::answers(ctx, &asked::of(form_id, question.campaign, &choose))?;
    let mut faults = Vec::new();
    // What cannot be shown is told, and the rest is shown all the same.
    let mut told = |refusal: Refusal| match refusal {
        Refusal::Invalid(found) => {
            faults.extend(found);
            Ok(())
        }
        other => Err(other),
    };
    let weights = match analysis::weights(ctx, &answers, question.weighting) {
        Ok(weights) => weights,
        Err(refusal) => {
            told(refusal)?;
            analysis::weights(ctx, &answers, Weighting::None)?
        }
    };
    let looks = Looks { ctx, shell: &shell, form_id, campaign: question.campaign, weights: &weights };
    let mut cross = None;
    if let Some((rows, columns)) = &question.cross {
        match answers.cross(rows, asked::by(columns), &weights) {
            Ok(found) => {
                let label = columns_label(&shell, &answers, columns);
                cross = Some(looks.cross(&answers, &found, label)?);
            }
            Err(refusal) => told(refusal)?,
        }
    }
    let faults = FormFaults::new(&shell.t, &faults);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let summaries = answers.summaries(&weights);
    let questions = (1..).zip(&summaries).map(|(number, it)| looks.question(number, it)).collect();
    let chosen = question.cross.clone().unwrap_or_default();
    let page = AnalysisPage {
        records: records_address(form_id),
        action: asked::below(form_id, ""),
        rest: asked::query(question.campaign),
        basis: basis(&shell, &answers, &weights, question.campaign),
        campaigns: answers
            .campaigns
            .iter()
            .map(|(id, title)| (id.to_string(), title.clone(), Some(*id) == question.campaign))
            .collect(),
        weightings: Weighting::ALL
            .iter()
            .map(|it| {
                let words = shell.t.say(&format!("analysis-weights-{}", it.as_str()));
                (it.as_str().to_owned(), words, *it == question.weighting)
            })
            .collect(),
        rows: selects(&answers, &chosen.0),
        columns: columns(&shell, &answers, &chosen.1),
        title: form.title,
        is_weighted: weights.weighting != Weighting::None,
        faults,
        cross,
        questions,
        shell,
    };
    shell::html(status, &page)
}

fn selects(answers: &Answers, chosen: &str) -> Vec<Choice> {
    let of = answers.questions.iter().filter(|it| it.kind.has_choices());
    of.map(|it| (it.key.clone(), it.label.clone(), it.key == chosen)).collect()
}

fn columns(shell: &Shell, answers: &Answers, chosen: &str) -> Vec<Choice> {
    let mut all = selects(answers, chosen);
    for word in [AREA, CAMPAIGN] {
        all.push((word.to_owned(), shell.t.say(&format!("analysis-by-{word}")), word == chosen));
    }
    all
}

fn columns_label(shell: &Shell, answers: &Answers, word: &str) -> String {
    match answers.question(word) {
        Some(question) => answers.questions[question].label.clone(),
        None => shell.t.say(&format!("analysis-by-{word}")),
    }
}

fn basis(
    shell: &Shell,
    answers: &Answers,
    weights: &Weights,
    campaign: Option<kernel::Id<kernel::Campaign>>,
) -> Basis {
    let (t, it) = (&shell.t, &answers.basis);
    let moment = |at| Moment::date(t, at, shell.now);
    let left_out = [
        ("analysis-left-invalid", it.invalid),
        ("analysis-left-unchecked", it.unchecked),
        ("analysis-left-returned", it.returned),
        ("analysis-left-forgotten", it.forgotten),
    ];
    let left_out =
        left_out.into_iter().filter(|it| it.1 > 0).map(|(id, number)| t.with(id, "number", number));
    let mut notes = Vec::new();
    if it.versions > 1 {
        notes.push(t.with("analysis-versions", "number", it.versions));
    }
    if weights.weighting != Weighting::None {
        notes.push(t.say("analysis-weighted-note"));
        if weights.left_out > 0 {
            notes.push(t.with("analysis-weights-left-out", "number", weights.left_out));
        }
        if weights.is_coarse {
            notes.push(t.say("analysis-weights-coarse"));
        }
    }
    let title = |id| answers.campaigns.iter().find(|it| it.0 == id).map(|it| it.1.clone());
    Basis {
        counted: it.counted,
        left_out: left_out.collect(),
        first: it.first.map(moment),
        last: it.last.map(moment),
        campaign: campaign.and_then(title),
        weighting: t.say(&format!("analysis-weights-{}", weights.weighting.as_str())),
        effective: shown_short(weights.effective),
        notes,
    }
}
