//! Is the environment what was meant? A mistyped or unreadable variable must not pass for a default.

use std::ffi::OsString;

use super::errors::Usage;
use super::settings::{KEYS, NEAR};

const PREFIX: &str = "NEXTREAD_";
/// Variables that are no settings: the configuration file, and the folder of the model.
const OTHERS: [&str; 2] = ["NEXTREAD_CONFIG", "NEXTREAD_MODEL_DIR"];

/// Returns a warning for each `NEXTREAD_` variable that means nothing.
///
/// # Errors
/// A variable that means something is not UTF-8.
pub(super) fn check(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Vec<String>, Usage> {
    let settings = KEYS.iter().map(|key| format!("{PREFIX}{}", key.name.to_uppercase()));
    let known: Vec<String> = settings.chain(OTHERS.map(str::to_owned)).collect();
    let mut warnings = Vec::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        if !known.iter().any(|other| other == name) {
            warnings.push(format!("{name} is set and means nothing here{}", hint(name, &known)));
        } else if value.to_str().is_none() {
            return Err(Usage::new(format!("{name}: not UTF-8; set it to UTF-8 text or unset it")));
        }
    }
    warnings.sort();
    Ok(warnings)
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

    fn check_variable(name: &str, expect: &[&str]) {
        let variables = [(OsString::from(name), OsString::from("1")), ("HOME".into(), "x".into())];
        assert_eq!(check(variables.into_iter()).unwrap(), expect);
    }

    #[test]
    fn only_unknown_names_are_warned_of() {
        check_variable("NEXTREAD_LIMIT", &[]);
        check_variable("NEXTREAD_MODEL_DIR", &[]);
        check_variable("NEXTREAD_LIMT", &["NEXTREAD_LIMT is set and means nothing here; did you mean NEXTREAD_LIMIT?"]);
        check_variable("NEXTREAD_Q", &["NEXTREAD_Q is set and means nothing here; unset it"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_text_is_an_error() {
        use std::os::unix::ffi::OsStringExt;
        let variable = ("NEXTREAD_STORE".into(), OsString::from_vec(vec![b's', 0xff]));
        let error = check(std::iter::once(variable)).unwrap_err().to_string();
        assert_eq!(error, "NEXTREAD_STORE: not UTF-8; set it to UTF-8 text or unset it");
    }
}
