//! Is the environment what was meant? A mistyped variable must not pass for a default.

use super::settings::{KEYS, NEAR};

const PREFIX: &str = "NEXTREAD_";
/// Variables that are no settings: the configuration file, and the folder of the model.
const OTHERS: [&str; 2] = ["NEXTREAD_CONFIG", "NEXTREAD_MODEL_DIR"];

/// Returns a warning for each name of a variable that begins with `NEXTREAD_` and means nothing.
pub(super) fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    let settings = KEYS.iter().map(|key| format!("{PREFIX}{}", key.name.to_uppercase()));
    let known: Vec<String> = settings.chain(OTHERS.map(str::to_owned)).collect();
    let unknown = names.filter(|name| name.starts_with(PREFIX) && !known.contains(name));
    let mut warnings: Vec<String> =
        unknown.map(|name| format!("{name} is set and means nothing here{}", hint(&name, &known))).collect();
    warnings.sort();
    warnings
}

fn hint(name: &str, known: &[String]) -> String {
    let likeness = |other: &&String| strsim::jaro_winkler(&name[PREFIX.len()..], &other[PREFIX.len()..]);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let near = nearest.filter(|other| likeness(other) >= NEAR);
    near.map_or_else(|| "; unset it".to_owned(), |other| format!("; did you mean {other}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expect: &[&str]) {
        assert_eq!(unknown([name, "HOME"].map(str::to_owned).into_iter()), expect);
    }

    #[test]
    fn only_unknown_names_are_warned_of() {
        check("NEXTREAD_LIMIT", &[]);
        check("NEXTREAD_MODEL_DIR", &[]);
        check("NEXTREAD_LIMT", &["NEXTREAD_LIMT is set and means nothing here; did you mean NEXTREAD_LIMIT?"]);
        check("NEXTREAD_Q", &["NEXTREAD_Q is set and means nothing here; unset it"]);
    }
}
