//! What does it come to, in words?
//!
//! The verdicts are about the first measure and go by the corrected randomisation test, which supposes least about how
//! the differences are spread.

use serde::Serialize;

use super::Contest;
use super::outcome::{CollectionOutcome, Contrast, Pair, SystemMeans};
use crate::eval::significance::{ALPHA, TIE};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Which system has the highest mean, and where not.
    Leader,
    /// The system named later is better than the one named before it.
    Above,
    /// The system named later is worse.
    Below,
    /// The queries do not show a difference.
    NotShown,
    /// No query has another value.
    Same,
    /// There are too few queries for any test.
    TooFew,
}

/// A sentence about one pair or about all systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What was found.
    pub finding: Finding,
    /// The same in words, without a full stop.
    pub text: String,
}

/// Says what one collection shows.
pub(super) fn of_collection(
    contest: &Contest,
    name: &str,
    queries: usize,
    means: &[SystemMeans],
    pairs: &[Pair],
) -> Vec<Verdict> {
    let measure = contest.measures[0].to_string();
    if queries == 0 {
        let text = format!("nothing to compare on {name}: it has no judged query");
        return vec![Verdict { finding: Finding::TooFew, text }];
    }
    let place = Place { on: format!("on {name}"), queries, measure };
    let mut verdicts: Vec<Verdict> = leader(&place, means).into_iter().collect();
    verdicts.extend(pairs.iter().map(|pair| of_pair(&place, pair)));
    verdicts
}

/// Says what all collections show together.
pub(super) fn over_all(
    contest: &Contest,
    collections: &[CollectionOutcome],
    means: &[SystemMeans],
    pairs: &[Pair],
) -> Vec<Verdict> {
    let counted: Vec<&CollectionOutcome> = collections.iter().filter(|collection| collection.queries > 0).collect();
    let on = format!("over {} collections", counted.len());
    let queries = counted.iter().map(|collection| collection.queries).sum();
    let place = Place { on, queries, measure: contest.measures[0].to_string() };
    let mut verdicts: Vec<Verdict> = leader(&place, means).into_iter().collect();
    verdicts.extend(everywhere(&counted, means));
    verdicts.extend(pairs.iter().map(|pair| of_pair(&place, pair)));
    verdicts
}

struct Place {
    /// Such as `on nfcorpus`.
    on: String,
    queries: usize,
    measure: String,
}

/// The systems with their means by the first measure, highest first.
fn ranked(means: &[SystemMeans]) -> Vec<(&str, f64)> {
    let mut ranked: Vec<(&str, f64)> = means
        .iter()
        .filter_map(|means| Some((means.system.as_str(), means.intervals.first().copied().flatten()?.mean)))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

fn leader(place: &Place, means: &[SystemMeans]) -> Option<Verdict> {
    let ranked = ranked(means);
    let best = ranked.first()?.1;
    let (first, others): (Vec<_>, Vec<_>) = ranked.into_iter().partition(|&(_, mean)| best - mean <= TIE);
    let names: Vec<&str> = first.iter().map(|&(name, _)| name).collect();
    let others: Vec<String> = others.iter().map(|(name, mean)| format!("{name} {mean:.3}")).collect();
    let before = if others.is_empty() { String::new() } else { format!(", before {}", others.join(", ")) };
    let Place { on, measure, .. } = place;
    let text = format!("highest mean {measure} {on}: {} {best:.3}{before}", names.join(" and "));
    Some(Verdict { finding: Finding::Leader, text })
}

/// Says on which collections the best system over all has the highest mean, and on which it has not.
fn everywhere(counted: &[&CollectionOutcome], means: &[SystemMeans]) -> Option<Verdict> {
    let best = ranked(means).first()?.0;
    let beaten: Vec<String> = counted
        .iter()
        .filter_map(|collection| {
            let ranked = ranked(&collection.outcome.means);
            let (first, own) = (ranked.first()?, ranked.iter().find(|(name, _)| *name == best)?);
            let is_beaten = first.1 - own.1 > TIE;
            is_beaten.then(|| format!("{} ({} {:.3}, {best} {:.3})", collection.name, first.0, first.1, own.1))
        })
        .collect();
    let (won, all) = (counted.len() - beaten.len(), counted.len());
    let text = if beaten.is_empty() {
        format!("{best} has the highest mean on each of the {all} collections")
    } else {
        format!("{best} has the highest mean on {won} of {all} collections; NOT on {}", beaten.join(", "))
    };
    Some(Verdict { finding: Finding::Leader, text })
}

fn of_pair(place: &Place, pair: &Pair) -> Verdict {
    let Pair { system, against, contrasts, .. } = pair;
    let Place { on, queries, measure } = place;
    let contrast = &contrasts[0];
    let difference = contrast.difference.map_or(0.0, |difference| difference.mean);
    let by = signed(difference);
    let p = contrast.randomisation_holm.map_or_else(String::new, |p| format!(", {}", p_words(p)));
    let finding = finding(contrast, *queries, difference);
    let text = match finding {
        Finding::Above => format!("{system} is above {against} in {measure} {on} ({by}{p})"),
        Finding::Below => format!("{system} is NOT above {against} in {measure} {on}: it is below ({by}{p})"),
        Finding::Same => format!("{system} and {against} have the same {measure} for every query {on}"),
        Finding::TooFew => format!("one query cannot tell {system} from {against} in {measure} {on} ({by})"),
        _ if difference > 0.0 => format!(
            "{system} has a higher mean {measure} than {against} {on} ({by}{p}), but with {queries} queries that may be chance"
        ),
        _ => format!(
            "{system} is NOT above {against} in {measure} {on} ({by}{p}); with {queries} queries the difference may be chance"
        ),
    };
    Verdict { finding, text }
}

fn finding(contrast: &Contrast, queries: usize, difference: f64) -> Finding {
    let shown = contrast.randomisation_holm.is_some_and(|p| p <= ALPHA);
    match () {
        () if contrast.wins + contrast.losses == 0 => Finding::Same,
        () if queries < 2 => Finding::TooFew,
        () if shown && difference > 0.0 => Finding::Above,
        () if shown => Finding::Below,
        () => Finding::NotShown,
    }
}

/// Writes a difference with its sign: three places, and more where they would all be 0.
pub(in crate::eval) fn signed(difference: f64) -> String {
    let places = match difference.abs() {
        small if small > 0.0 && small < 0.0005 => 5,
        _ => 3,
    };
    format!("{difference:+.places$}").replace('-', "\u{2212}")
}

/// Writes a p value, such as `p = 0.012` or `p < 0.001`.
fn p_words(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}
