use anyhow::bail;
use domain::case::{ProcedureFault, Procedures, Severity};
use miette::{LabeledSpan, MietteDiagnostic, NamedSource, Report};
use policy::Policy;

/// Prints every fault with its line; fails when no case could run by one of the files.
pub fn run(files: &[(String, String)]) -> anyhow::Result<()> {
    let (_, faults) = Procedures::check(files, &Policy::new()?)?;
    for (name, text) in files {
        let of_file: Vec<_> = faults.iter().filter(|it| it.file == *name).collect();
        for fault in &of_file {
            eprintln!("{:?}", report(fault, text));
        }
        if of_file.is_empty() {
            println!("{name}: sound");
        }
    }
    let errors = faults.iter().filter(|it| it.severity == Severity::Error).count();
    let warnings = faults.len() - errors;
    if errors > 0 {
        bail!("{errors} to mend before a case can run by it, and {warnings} to think about");
    }
    if warnings > 0 {
        println!("cases can run by it; {warnings} to think about");
    }
    Ok(())
}

fn report(fault: &ProcedureFault, text: &str) -> Report {
    let severity = match fault.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let label = LabeledSpan::underline(fault.span.clone());
    let diagnostic = MietteDiagnostic::new(fault.reason.clone()).with_severity(severity).with_label(label);
    Report::new(diagnostic.with_help(fault.help.clone()))
        .with_source_code(NamedSource::new(&fault.file, text.to_owned()))
}
