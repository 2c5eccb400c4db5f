//! With which code does it end? 0 done, 1 failure, 2 usage.

use std::process::ExitCode;

/// The user asked for something that cannot be: a wrong flag, setting, or name of a post.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(String);

impl Usage {
    pub(super) fn new(message: impl Into<String>) -> Usage {
        Usage(message.into())
    }
}

/// Returns the exit code of an error: 2 for usage, else 1.
pub(super) fn exit_code(error: &anyhow::Error) -> ExitCode {
    if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// Says an error with its causes in one line, each cause once.
pub(super) fn say(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !said.contains(&cause) {
            said = if said.is_empty() { cause } else { format!("{said}: {cause}") };
        }
    }
    said
}
