//! With which code does it end? 0 done, 1 failure, 2 usage, 3 a quality gate.

use std::process::ExitCode;

use crate::recommender::RecommenderError;

/// The user asked for something that cannot be: a wrong flag, setting, or name of a post.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(String);

impl Usage {
    pub(super) fn new(message: impl Into<String>) -> Usage {
        Usage(message.into())
    }
}

/// What was measured is not as good as it was asked to be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct GateFailed(String);

impl GateFailed {
    pub(super) fn new(message: impl Into<String>) -> GateFailed {
        GateFailed(message.into())
    }
}

/// Returns the exit code of an error: 2 for usage, 3 for a quality gate, else 1.
pub(super) fn exit_code(error: &anyhow::Error) -> ExitCode {
    let asked_wrong = matches!(
        error.downcast_ref(),
        Some(RecommenderError::SamePost(_) | RecommenderError::SameSource(_) | RecommenderError::UnknownSource { .. })
    );
    if error.is::<GateFailed>() {
        return ExitCode::from(3);
    }
    if asked_wrong || error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// Says an error with its causes in one line, each cause once.
pub(super) fn say(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // SQLite's own errors repeat their words after "Error code 11: ".
        let words = cause
            .split_once(": ")
            .filter(|(head, _)| head.starts_with("Error code"))
            .map_or(&*cause, |(_, words)| words);
        if !said.contains(words) {
            said = if said.is_empty() { cause } else { format!("{said}: {cause}") };
        }
    }
    said
}
