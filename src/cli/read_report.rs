//! What is said about a source that was read: what was skipped and why, what was made up for.

use std::collections::BTreeMap;
use std::path::Path;

use super::console::Console;
use super::words::many;
use crate::post::SummaryOrigin;
use crate::sources::Report;

/// Places that are named one by one; `-v` names all that are known.
const NAMED_MAX: usize = 5;

pub(super) fn say(console: &Console, report: &Report, posts: usize, path: &Path) {
    let faults: Vec<String> =
        report.skipped.first.iter().filter(|skip| skip.what.is_fault()).map(ToString::to_string).collect();
    say_some(console, &faults, report.faults);
    let notes: Vec<String> = report.notes.first.iter().map(ToString::to_string).collect();
    say_some(console, &notes, report.notes.total());
    let shown = source_name(path);
    let skipped = report.skipped.total();
    let why = counted(&report.skipped.counts);
    let skipped = if skipped > 0 { format!(", {skipped} skipped ({why})") } else { String::new() };
    let (found, files) = (many(posts, "post"), many(report.files, "file"));
    console.note(&format!("{shown}: {found} in {files}{skipped}"));
    if let Some(site) = &report.site {
        console.note(&format!("{shown}: {site}"));
    }
    say_summaries(console, report, posts);
    for skip in report.skipped.first.iter().filter(|skip| !skip.what.is_fault()) {
        console.detail(&skip.to_string());
    }
}

/// Says where posts come from: a path, or `stdin`.
fn source_name(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() }
}

/// Warns of the first few of `total` things, of which `said` are known word for word; `-v` names all that are.
pub(super) fn say_some(console: &Console, said: &[String], total: usize) {
    let most = if console.is_verbose() { said.len() } else { NAMED_MAX };
    for words in said.iter().take(most) {
        console.warn(words);
    }
    if total > most {
        console.warn(&format!("\u{2026} and {} more like these; -v names them", total - most));
    }
}

fn say_summaries(console: &Console, report: &Report, posts: usize) {
    let made: Vec<String> = report
        .summaries
        .iter()
        .map(|(origin, count)| {
            let words = match origin {
                SummaryOrigin::Given => "the source",
                SummaryOrigin::Description => "the description",
                SummaryOrigin::FirstParagraphs => "the first paragraphs",
                SummaryOrigin::Missing => "nothing but the title",
            };
            format!("{count} from {words}")
        })
        .collect();
    if report.summaries.keys().any(|origin| *origin != SummaryOrigin::Given) {
        console.note(&format!("summaries of {}: {}", many(posts, "post"), made.join(", ")));
    }
}

fn counted(counts: &BTreeMap<&'static str, usize>) -> String {
    counts.iter().map(|(why, count)| format!("{count} {why}")).collect::<Vec<_>>().join(", ")
}
