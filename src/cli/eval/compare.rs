//! `compare`: which retriever or run is better, and is it more than chance?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::{Compare, ExcludeSelf, Searching};
use super::asker::Asker;
use super::beir::{depth, limit_queries, measuring};
use super::collection;
use super::files::{notes_words, read_text, write_answer};
use super::saved::{self, Saved};
use super::search::Answered;
use crate::cli::errors::Usage;
use crate::cli::session::Session;
use crate::eval::comparison::{
    CompareOptions, Comparison, Contest, Contested, CutoffCurve, CutoffPoint, Entry, compare,
};
use crate::eval::formats::{check_ids, parse_qrels};
use crate::eval::measures::Measure;
use crate::eval::significance::ALPHA;
use crate::eval::{Collection, Provenance, Qrels, Retriever, Run, Speed, Ties, evaluate, report};
use crate::output::{self, Format};

/// Where the curves of a measure by cut-off are read.
const CUTOFFS: [usize; 8] = [1, 2, 3, 5, 10, 20, 50, 100];

/// What is asked only of collections would be ignored with judgments of run files.
fn check_searching(args: &Compare) -> anyhow::Result<()> {
    let Searching { depth, split, exclude_self, limit_queries, truncate } = &args.searching;
    let given = [
        (depth.is_some(), "--depth"),
        (split != "test", "--split"),
        (*exclude_self != ExcludeSelf::Auto, "--exclude-self"),
        (limit_queries.is_some(), "--limit-queries"),
        (*truncate, "--truncate"),
    ];
    match given.into_iter().find(|(given, _)| *given && args.qrels.is_some()) {
        Some((_, flag)) => {
            Err(Usage::new(format!("{flag} means nothing with --qrels; leave it out, or use --on")).into())
        }
        None => Ok(()),
    }
}

/// The smallest p that sign changes can show, times the tests that are corrected together, may be above 0.05.
fn say_permutations(session: &Session<'_>, args: &Compare, measures: usize) {
    let pairs = args.systems.len() * (args.systems.len() - 1) / 2;
    let needed = (pairs * measures) as f64 / ALPHA;
    if f64::from(args.permutations) + 1.0 < needed {
        session.console.warn(&format!(
            "{} tests are corrected together: no difference can be shown with {} sign changes; give at least \
             --permutations {needed:.0}, or compare fewer systems or measures",
            pairs * measures,
            args.permutations
        ));
    }
}

/// What a word on the command line names.
enum System {
    Retriever(Retriever),
    RunFile(PathBuf),
    Runs(PathBuf),
}

/// How every run is measured.
struct Measures {
    measures: Vec<Measure>,
    ties: Ties,
}

pub(in crate::cli) fn run(session: &mut Session<'_>, args: &Compare) -> anyhow::Result<()> {
    let session: &Session<'_> = session;
    let (measures, ties) = measuring(&args.measuring)?;
    let measures = Measures { measures, ties };
    if args.on.is_empty() && args.qrels.is_none() {
        return Err(Usage::new(
            "there is nothing to compare on; name collections with --on DIR, or judgments of run files with --qrels FILE",
        )
        .into());
    }
    check_searching(args)?;
    let systems = systems(session, args)?;
    say_permutations(session, args, measures.measures.len());
    let collections = match &args.qrels {
        Some(qrels) => vec![on_qrels(session, &systems, args, qrels, &measures)?],
        None => on_collections(session, &systems, args, &measures)?,
    };
    let contest = Contest { systems: args.systems.clone(), measures: measures.measures, collections };
    let options = CompareOptions { permutations: args.permutations, seed: args.seed, moved: args.moved };
    let comparison = compare(&contest, &options)?;
    if let Some(path) = &args.html {
        write_answer(session.console, path, &report::html(&comparison)?)?;
    }
    if let Some(path) = &args.latex {
        write_answer(session.console, path, &report::latex(&comparison))?;
    }
    show(session, &comparison)
}

fn show(session: &Session<'_>, comparison: &Comparison) -> anyhow::Result<()> {
    let text = match session.format() {
        Format::Json => report::json(comparison)?,
        Format::JsonLines => output::json_line(comparison)?,
        Format::Markdown => report::markdown(comparison),
        Format::Table => table(comparison, session.console.columns()),
    };
    session.console.data(&text)
}

fn systems(session: &Session<'_>, args: &Compare) -> anyhow::Result<Vec<System>> {
    for (at, word) in args.systems.iter().enumerate() {
        if args.systems[..at].contains(word) {
            return Err(Usage::new(format!("{word} is named twice; name it once")).into());
        }
    }
    let system = |word: &String| {
        let path = Path::new(word);
        match word.parse::<Retriever>() {
            Ok(retriever) => {
                if path.exists() {
                    session.console.note(&format!("{word} is taken for the retriever; ./{word} is the file or folder"));
                }
                Ok(System::Retriever(retriever))
            }
            Err(_) if path.is_dir() => Ok(System::Runs(path.to_owned())),
            Err(_) if path.is_file() => Ok(System::RunFile(path.to_owned())),
            Err(fault) => Err(Usage::new(format!("{word}: no such file or folder, and {fault}")).into()),
        }
    };
    let systems: Vec<System> = args.systems.iter().map(system).collect::<anyhow::Result<_>>()?;
    for (word, system) in args.systems.iter().zip(&systems) {
        if matches!(system, System::RunFile(_)) && args.on.len() > 1 {
            return Err(Usage::new(format!(
                "{word} is one run and cannot answer {} collections; name a folder with <collection>.run files",
                args.on.len()
            ))
            .into());
        }
        if !matches!(system, System::RunFile(_)) && args.qrels.is_some() {
            let remedy = "--qrels goes with run files (a folder of runs has them inside), --on with others";
            return Err(Usage::new(format!("{word} is not a run file; {remedy}")).into());
        }
    }
    Ok(systems)
}

fn on_qrels(
    session: &Session<'_>,
    systems: &[System],
    args: &Compare,
    path: &Path,
    measures: &Measures,
) -> anyhow::Result<Contested> {
    let name = path.display().to_string();
    let (qrels, notes) = parse_qrels(&read_text(path)?, &name)?;
    let mut all_notes: Vec<String> = notes_words(notes).into_iter().collect();
    let mut entries = Vec::new();
    for (word, system) in args.systems.iter().zip(systems) {
        if let System::RunFile(file) = system {
            let entry = measured(word, saved::load(file)?, &qrels, measures, &mut all_notes)?;
            all_notes.extend(counts_words(word, &entry));
            entries.push(entry);
        }
    }
    all_notes.extend(unlike(&args.systems, &entries, None));
    say_notes(session, &name, &all_notes);
    let name = path.file_stem().map_or(name, |stem| stem.to_string_lossy().into_owned());
    Ok(Contested { name, entries, texts: BTreeMap::new(), notes: all_notes })
}

fn on_collections(
    session: &Session<'_>,
    systems: &[System],
    args: &Compare,
    measures: &Measures,
) -> anyhow::Result<Vec<Contested>> {
    collection::check_names(&args.on)?;
    let depth = depth(session, &args.searching, &measures.measures);
    let asker = Asker::new(session, &args.searching, depth);
    let mut contested = Vec::new();
    for folder in &args.on {
        let mut collection = collection::load(*session.console, folder, &args.searching.split)?;
        limit_queries(session, &mut collection, args.searching.limit_queries);
        contested.push(on_collection(session, &asker, systems, args, &collection, measures)?);
    }
    Ok(contested)
}

fn on_collection(
    session: &Session<'_>,
    asker: &Asker<'_>,
    systems: &[System],
    args: &Compare,
    collection: &Collection,
    measures: &Measures,
) -> anyhow::Result<Contested> {
    let retrievers: Vec<Retriever> = systems
        .iter()
        .filter_map(|system| match system {
            System::Retriever(retriever) => Some(*retriever),
            System::RunFile(_) | System::Runs(_) => None,
        })
        .collect();
    let mut answered = asker.ask(collection, &retrievers, &args.searching)?.into_iter();
    let (mut entries, mut notes) = (Vec::new(), Vec::new());
    for (word, system) in args.systems.iter().zip(systems) {
        let entry = match system {
            System::Retriever(_) => {
                let Answered { run, provenance, speed } =
                    answered.next().ok_or_else(|| anyhow::anyhow!("{word} gave no answer"))?;
                entry(&run, &collection.qrels, measures, Some((provenance, speed)))
            }
            System::RunFile(path) => measured(word, saved::load(path)?, &collection.qrels, measures, &mut notes)?,
            System::Runs(folder) => {
                let saved = load_of(folder, &collection.name)?;
                measured(word, saved, &collection.qrels, measures, &mut notes)?
            }
        };
        notes.extend(counts_words(word, &entry));
        entries.push(entry);
    }
    notes.extend(unlike(&args.systems, &entries, Some(&collection.provenance().sha256)));
    say_notes(session, &collection.name, &notes);
    let texts = collection.queries.clone();
    Ok(Contested { name: collection.name.clone(), entries, texts, notes })
}

fn load_of(folder: &Path, collection: &str) -> anyhow::Result<Saved> {
    let name = saved::file_name(collection);
    let candidates = ["run", "run.gz", "json", "txt"].map(|extension| folder.join(format!("{name}.{extension}")));
    let found = candidates.iter().find(|path| path.is_file());
    let path = found.ok_or_else(|| anyhow::anyhow!("{}: no {name}.run in this folder of runs", folder.display()))?;
    saved::load(path)
}

fn measured(
    word: &str,
    saved: Saved,
    qrels: &Qrels,
    measures: &Measures,
    notes: &mut Vec<String>,
) -> anyhow::Result<Entry> {
    check_ids(&saved.run, qrels).map_err(|fault| anyhow::anyhow!("{word}: {fault}"))?;
    notes.extend(saved.notes.map(|said| format!("{word}: {said}")));
    Ok(entry(&saved.run, qrels, measures, saved.beside))
}

fn entry(run: &Run, qrels: &Qrels, measures: &Measures, made: Option<(Provenance, Speed)>) -> Entry {
    let evaluation = evaluate(run, qrels, &measures.measures, measures.ties);
    let deepest = run.queries().map(|(_, answers)| answers.len()).max().unwrap_or_default();
    let (provenance, speed) = made.unzip();
    let by_cutoff = by_cutoff(run, qrels, measures, deepest);
    Entry { evaluation, by_cutoff, provenance, speed }
}

/// Measures at several cut-offs, as far as the run's longest list goes.
fn by_cutoff(run: &Run, qrels: &Qrels, measures: &Measures, deepest: usize) -> Vec<CutoffCurve> {
    let mut curves: Vec<CutoffCurve> = Vec::new();
    for measure in &measures.measures {
        let cutoffs: Vec<(usize, Measure)> = CUTOFFS
            .into_iter()
            .filter(|&cutoff| cutoff <= deepest)
            .filter_map(|cutoff| Some((cutoff, measure.at(cutoff)?)))
            .collect();
        let name = measure.to_string();
        let name = name.split('@').next().unwrap_or_default().to_owned();
        if cutoffs.is_empty() || curves.iter().any(|curve| curve.measure == name) {
            continue;
        }
        let at: Vec<Measure> = cutoffs.iter().map(|(_, measure)| *measure).collect();
        let evaluation = evaluate(run, qrels, &at, measures.ties);
        let point =
            |(at, (cutoff, _)): (usize, &(usize, Measure))| CutoffPoint { cutoff: *cutoff, mean: evaluation.mean(at) };
        curves.push(CutoffCurve { measure: name, points: cutoffs.iter().enumerate().map(point).collect() });
    }
    curves
}

/// Says where runs were not made alike, so that a difference may not be one of the systems.
fn unlike(systems: &[String], entries: &[Entry], sha256: Option<&str>) -> Vec<String> {
    let known: Vec<(&String, &Provenance)> =
        systems.iter().zip(entries).filter_map(|(word, entry)| Some((word, entry.provenance.as_ref()?))).collect();
    let Some((first_word, first)) = known.first() else { return Vec::new() };
    let texts = sha256.unwrap_or(&first.collection.sha256);
    let mut told = Vec::new();
    for (word, made) in &known {
        if made.collection.sha256 != texts {
            told.push(format!("{word} was made on other posts, queries or judgments than are here now"));
        }
        if made.depth != first.depth {
            told.push(format!("{word} has up to {} answers a query, {first_word} {}", made.depth, first.depth));
        }
        if made.excludes_self != first.excludes_self {
            told.push(format!("only one of {word} and {first_word} takes the query post out of its answers"));
        }
        if let (Some(one), Some(two)) = (&made.model, &first.model) {
            if one.long_texts != two.long_texts {
                told.push(format!(
                    "{word} embedded long texts as {}, {first_word} as {}",
                    one.long_texts, two.long_texts
                ));
            }
            if one.precision != two.precision {
                told.push(format!("{word} was embedded {}, {first_word} {}", one.precision, two.precision));
            }
        }
    }
    told
}

fn counts_words(word: &str, entry: &Entry) -> Vec<String> {
    let counts = entry.evaluation.counts;
    let told = [
        (counts.without_answers, "judged queries have no answer and count 0"),
        (counts.not_judged, "answered queries are not judged and left out"),
    ];
    told.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{word}: {count} {what}")).collect()
}

fn say_notes(session: &Session<'_>, name: &str, notes: &[String]) {
    for note in notes {
        session.console.note(&format!("{name}: {note}"));
    }
}

fn table(comparison: &Comparison, columns: u16) -> String {
    let part = |part: report::Part| match part {
        report::Part::Line(line) => line + "\n",
        report::Part::Rows(rows) => output::rows(rows, columns) + "\n",
    };
    report::table(comparison).into_iter().map(part).collect()
}
