//! How is a measure written? `nDCG@10`, `AP(rel=2)@100`, `RBP(p=0.5,rel=1)`: the notation and the names of ir_measures
//! (MacAvaney, Macdonald and Ounis, "Streamlining evaluation with ir-measures", ECIR 2022).

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use super::{Gain, Measure};
use crate::text::meant;

/// Persistence of RBP where none is written, as in ir_measures.
const PERSISTENCE: f64 = 0.8;

/// Every name that is understood, with the name under which the measure is printed.
const NAMES: [(&str, Name); 15] = [
    ("nDCG", Name::Ndcg),
    ("NDCG", Name::Ndcg),
    ("AP", Name::Ap),
    ("MAP", Name::Ap),
    ("RR", Name::Rr),
    ("MRR", Name::Rr),
    ("P", Name::P),
    ("Precision", Name::P),
    ("R", Name::R),
    ("Recall", Name::R),
    ("Success", Name::Success),
    ("Judged", Name::Judged),
    ("RBP", Name::Rbp),
    ("Bpref", Name::Bpref),
    ("BPref", Name::Bpref),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Ndcg,
    Ap,
    Rr,
    P,
    R,
    Success,
    Judged,
    Rbp,
    Bpref,
}

impl Name {
    fn printed(self) -> &'static str {
        NAMES.iter().find(|(_, name)| *name == self).map_or("", |(text, _)| text)
    }

    fn parameters(self) -> &'static [&'static str] {
        match self {
            Name::Ndcg => &["cutoff", "dcg"],
            Name::Judged => &["cutoff"],
            Name::Rbp => &["cutoff", "p", "rel"],
            Name::Bpref => &["rel"],
            _ => &["cutoff", "rel"],
        }
    }
}

/// Says why a text names no measure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// No measure is called so.
    #[error("{text}: no measure is called \"{name}\"; {}", did_you_mean(*.near))]
    Unknown {
        /// What was written.
        text: String,
        /// The part that is no name.
        name: String,
        /// The name that is most like it.
        near: Option<&'static str>,
    },
    /// Brackets, commas or signs are not where they belong.
    #[error(
        "{text}: not written as a measure; write NAME(parameter=value)@cutoff, such as nDCG@10 or RBP(p=0.5,rel=1)"
    )]
    Notation {
        /// What was written.
        text: String,
    },
    /// The measure has no parameter of this name, or it is there twice.
    #[error("{text}: {measure} takes no {parameter} here; it takes each of {} once", .known.join(", "))]
    Parameter {
        /// What was written.
        text: String,
        /// The measure's name.
        measure: &'static str,
        /// The parameter that it does not take.
        parameter: String,
        /// Those that it takes.
        known: &'static [&'static str],
    },
    /// The parameter cannot have this value.
    #[error("{text}: {parameter} cannot be \"{value}\"; give {remedy}")]
    Value {
        /// What was written.
        text: String,
        /// The parameter's name.
        parameter: String,
        /// Its value.
        value: String,
        /// What it can be.
        remedy: &'static str,
    },
    /// The measure means nothing without a cut-off.
    #[error("{text}: {measure} needs a cut-off; write {measure}@10")]
    WithoutCutoff {
        /// What was written.
        text: String,
        /// The measure's name.
        measure: &'static str,
    },
    /// One measure is there twice, perhaps under two names.
    #[error("{measure} is named twice; once is enough")]
    Twice {
        /// The measure as it is printed.
        measure: String,
    },
    /// There is none.
    #[error("no measure is named; name some, such as nDCG@10,R@100")]
    Empty,
}

fn did_you_mean(near: Option<&str>) -> String {
    match near {
        Some(name) => format!("did you mean {name}?"),
        None => format!("there are {}", NAMES.map(|(name, _)| name).join(", ")),
    }
}

/// Reads measures that are separated by commas, such as `nDCG@10,RBP(p=0.8,rel=1)`.
///
/// # Errors
/// One of them cannot be read, one is there twice, or there is none.
pub fn parse_list(text: &str) -> Result<Vec<Measure>, MeasureError> {
    let mut depth = 0;
    let parts = text.split(|letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    });
    let mut measures: Vec<Measure> = Vec::new();
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        let measure: Measure = part.parse()?;
        if measures.contains(&measure) {
            return Err(MeasureError::Twice { measure: measure.to_string() });
        }
        measures.push(measure);
    }
    if measures.is_empty() { Err(MeasureError::Empty) } else { Ok(measures) }
}

/// A measure as it was written: its name, and the parameters still as text.
struct Written<'a> {
    text: &'a str,
    name: Name,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Written<'a> {
    fn parse(text: &'a str) -> Result<Written<'a>, MeasureError> {
        let notation = || MeasureError::Notation { text: text.to_owned() };
        let (head, at) = text.rsplit_once('@').map_or((text, None), |(head, at)| (head, Some(at.trim())));
        let (name, inside) = match head.split_once('(') {
            Some((name, rest)) => (name, rest.trim_end().strip_suffix(')').ok_or_else(notation)?),
            None => (head, ""),
        };
        let name = find_name(text, name.trim())?;
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        for part in inside.split(',').filter(|_| !inside.trim().is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(notation)?;
            parameters.push((key.trim(), value.trim()));
        }
        parameters.extend(at.map(|at| ("cutoff", at)));
        let written = Written { text, name, parameters };
        written.check_names()?;
        Ok(written)
    }

    fn check_names(&self) -> Result<(), MeasureError> {
        let known = self.name.parameters();
        for (at, (key, _)) in self.parameters.iter().enumerate() {
            let again = self.parameters[..at].iter().any(|(other, _)| other == key);
            if again || !known.contains(key) {
                let (text, parameter) = (self.text.to_owned(), (*key).to_owned());
                return Err(MeasureError::Parameter { text, measure: self.name.printed(), parameter, known });
            }
        }
        Ok(())
    }

    /// Reads a parameter, where it was written, with what it can be.
    fn value<T>(
        &self,
        parameter: &str,
        remedy: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, MeasureError> {
        let Some((_, value)) = self.parameters.iter().find(|(key, _)| *key == parameter) else { return Ok(None) };
        let fault = || MeasureError::Value {
            text: self.text.to_owned(),
            parameter: parameter.to_owned(),
            value: (*value).to_owned(),
            remedy,
        };
        read(value).map(Some).ok_or_else(fault)
    }

    fn cutoff(&self) -> Result<Option<usize>, MeasureError> {
        self.value("cutoff", "a whole number from 1", |value| value.parse().ok().filter(|&cutoff| cutoff >= 1))
    }

    fn some_cutoff(&self) -> Result<usize, MeasureError> {
        let without = || MeasureError::WithoutCutoff { text: self.text.to_owned(), measure: self.name.printed() };
        self.cutoff()?.ok_or_else(without)
    }

    fn rel(&self) -> Result<i32, MeasureError> {
        let remedy = "the least relevant grade, from 1: grades below are never relevant";
        Ok(self.value("rel", remedy, |value| value.parse().ok().filter(|&rel| rel >= 1))?.unwrap_or(1))
    }

    fn gain(&self) -> Result<Gain, MeasureError> {
        let gain = self.value("dcg", "'log2' or 'exp-log2'", |value| match value.trim_matches(['\'', '"']) {
            "log2" => Some(Gain::Linear),
            "exp-log2" => Some(Gain::Exponential),
            _ => None,
        })?;
        Ok(gain.unwrap_or_default())
    }

    fn persistence(&self) -> Result<f64, MeasureError> {
        let inside = |p: &f64| *p > 0.0 && *p < 1.0;
        let p = self.value("p", "a number above 0 and below 1", |value| value.parse().ok().filter(inside))?;
        Ok(p.unwrap_or(PERSISTENCE))
    }
}

fn find_name(text: &str, name: &str) -> Result<Name, MeasureError> {
    if let Some((_, found)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*found);
    }
    // The first of equally likely names is the one that is printed.
    let near = meant(name, NAMES.iter().rev().map(|(known, _)| *known));
    Err(MeasureError::Unknown { text: text.to_owned(), name: name.to_owned(), near })
}

impl FromStr for Measure {
    type Err = MeasureError;

    fn from_str(text: &str) -> Result<Measure, MeasureError> {
        let written = Written::parse(text.trim())?;
        Ok(match written.name {
            Name::Ndcg => Measure::Ndcg { cutoff: written.cutoff()?, gain: written.gain()? },
            Name::Ap => Measure::Ap { cutoff: written.cutoff()?, rel: written.rel()? },
            Name::Rr => Measure::Rr { cutoff: written.cutoff()?, rel: written.rel()? },
            Name::P => Measure::P { cutoff: written.some_cutoff()?, rel: written.rel()? },
            Name::R => Measure::R { cutoff: written.some_cutoff()?, rel: written.rel()? },
            Name::Success => Measure::Success { cutoff: written.some_cutoff()?, rel: written.rel()? },
            Name::Judged => Measure::Judged { cutoff: written.cutoff()? },
            Name::Rbp => Measure::Rbp { p: written.persistence()?, rel: written.rel()?, cutoff: written.cutoff()? },
            Name::Bpref => Measure::Bpref { rel: written.rel()? },
        })
    }
}

impl Display for Measure {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let rel_words = |rel: i32| if rel == 1 { String::new() } else { format!("(rel={rel})") };
        let (name, parameters) = match *self {
            Measure::Ndcg { gain: Gain::Linear, .. } => (Name::Ndcg, String::new()),
            Measure::Ndcg { gain: Gain::Exponential, .. } => (Name::Ndcg, "(dcg='exp-log2')".to_owned()),
            Measure::Ap { rel, .. } => (Name::Ap, rel_words(rel)),
            Measure::Rr { rel, .. } => (Name::Rr, rel_words(rel)),
            Measure::P { rel, .. } => (Name::P, rel_words(rel)),
            Measure::R { rel, .. } => (Name::R, rel_words(rel)),
            Measure::Success { rel, .. } => (Name::Success, rel_words(rel)),
            Measure::Judged { .. } => (Name::Judged, String::new()),
            Measure::Rbp { p, rel, .. } => (Name::Rbp, format!("(p={p},rel={rel})")),
            Measure::Bpref { rel } => (Name::Bpref, rel_words(rel)),
        };
        write!(f, "{}{parameters}", name.printed())?;
        self.cutoff().map_or(Ok(()), |cutoff| write!(f, "@{cutoff}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let said = parse_list(text).map_or_else(
            |fault| fault.to_string(),
            |measures| measures.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        );
        assert_eq!(said, expect);
    }

    #[test]
    fn what_ir_measures_writes_is_read() {
        check("nDCG@10,RBP(p=0.8,rel=1)", "nDCG@10 RBP(p=0.8,rel=1)");
        check(" NDCG , MAP@100, MRR@10 ,Precision@5,Recall@100,", "nDCG AP@100 RR@10 P@5 R@100");
        check("nDCG(dcg=\"exp-log2\")@5,nDCG(dcg='log2', cutoff=3)", "nDCG(dcg='exp-log2')@5 nDCG@3");
        check("RBP,RBP(rel=2,p=0.5)@20,BPref(rel=1),Judged", "RBP(p=0.8,rel=1) RBP(p=0.5,rel=2)@20 Bpref Judged");
        check("P()@1,Success(rel=3) @ 2", "P@1 Success(rel=3)@2");
    }

    #[test]
    fn what_is_wrong_is_said() {
        check("ndcg@10", "ndcg@10: no measure is called \"ndcg\"; did you mean nDCG?");
        check("nDGC@10", "nDGC@10: no measure is called \"nDGC\"; did you mean nDCG?");
        check("recall_10", "recall_10: no measure is called \"recall_10\"; did you mean Recall?");
        check(
            "%",
            "%: no measure is called \"%\"; there are nDCG, NDCG, AP, MAP, RR, MRR, P, Precision, R, Recall, Success, \
             Judged, RBP, Bpref, BPref",
        );
        check("P", "P: P needs a cut-off; write P@10");
        check("P@0", "P@0: cutoff cannot be \"0\"; give a whole number from 1");
        check("R@-1", "R@-1: cutoff cannot be \"-1\"; give a whole number from 1");
        check("Bpref@10", "Bpref@10: Bpref takes no cutoff here; it takes each of rel once");
        check("AP(p=1)", "AP(p=1): AP takes no p here; it takes each of cutoff, rel once");
        check("P(cutoff=5)@5", "P(cutoff=5)@5: P takes no cutoff here; it takes each of cutoff, rel once");
        check("RBP(p=1)", "RBP(p=1): p cannot be \"1\"; give a number above 0 and below 1");
        check("RBP(p=NaN)", "RBP(p=NaN): p cannot be \"NaN\"; give a number above 0 and below 1");
        check("nDCG(dcg=ln)", "nDCG(dcg=ln): dcg cannot be \"ln\"; give 'log2' or 'exp-log2'");
        let rel =
            "AP(rel=0): rel cannot be \"0\"; give the least relevant grade, from 1: grades below are never relevant";
        check("AP(rel=0)", rel);
        for text in ["AP(rel=1", "AP(rel)", "AP(rel=1)x@3"] {
            let notation = "write NAME(parameter=value)@cutoff, such as nDCG@10 or RBP(p=0.5,rel=1)";
            check(text, &format!("{text}: not written as a measure; {notation}"));
        }
        check("R@5,Recall@5", "R@5 is named twice; once is enough");
        check(" , ", "no measure is named; name some, such as nDCG@10,R@100");
    }

    fn any_measure() -> impl Strategy<Value = Measure> {
        let cutoff = || proptest::option::of(1usize..2000);
        let rel = || prop_oneof![Just(1), 1..50i32];
        let p = prop_oneof![Just(PERSISTENCE), 1e-9..0.999_999];
        let gain = prop_oneof![Just(Gain::Linear), Just(Gain::Exponential)];
        prop_oneof![
            (cutoff(), gain).prop_map(|(cutoff, gain)| Measure::Ndcg { cutoff, gain }),
            (cutoff(), rel()).prop_map(|(cutoff, rel)| Measure::Ap { cutoff, rel }),
            (cutoff(), rel()).prop_map(|(cutoff, rel)| Measure::Rr { cutoff, rel }),
            (1usize..2000, rel()).prop_map(|(cutoff, rel)| Measure::P { cutoff, rel }),
            (1usize..2000, rel()).prop_map(|(cutoff, rel)| Measure::R { cutoff, rel }),
            (1usize..2000, rel()).prop_map(|(cutoff, rel)| Measure::Success { cutoff, rel }),
            cutoff().prop_map(|cutoff| Measure::Judged { cutoff }),
            (p, rel(), cutoff()).prop_map(|(p, rel, cutoff)| Measure::Rbp { p, rel, cutoff }),
            rel().prop_map(|rel| Measure::Bpref { rel }),
        ]
    }

    proptest! {
        #[test]
        fn every_measure_prints_as_it_parses(measure in any_measure()) {
            prop_assert_eq!(measure.to_string().parse::<Measure>().unwrap(), measure);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[nDCGAPRBbpref()@=,0-9'.\\-é ]{0,24}") {
            if let Ok(measures) = parse_list(&text) {
                for measure in measures {
                    prop_assert_eq!(measure.to_string().parse::<Measure>().unwrap(), measure);
                }
            }
        }
    }
}
