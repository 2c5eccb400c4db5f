//! What is said where? Data on stdout; notes, warnings and progress on stderr.

#![allow(clippy::print_stderr, reason = "this is where the command line speaks")]

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Global;

/// A table is this wide where stdout is no terminal, so that pipes and tests see the same bytes everywhere.
const COLUMNS_OF_A_PIPE: u16 = 80;
/// A table is no wider than this: longer lines are hard to read.
const COLUMNS_MAX: u16 = 100;

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loudness {
    Quiet,
    Normal,
    Verbose,
}

impl Loudness {
    pub(super) fn of(global: &Global) -> Loudness {
        match (global.quiet, global.verbose) {
            (true, _) => Loudness::Quiet,
            (false, 0) => Loudness::Normal,
            (false, _) => Loudness::Verbose,
        }
    }
}

/// The two streams of the process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Console {
    loudness: Loudness,
}

/// The reader of stdout went away, which is no failure of ours.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to stdout: {0}")]
struct Stdout(#[from] std::io::Error);

/// Tells whether an error only says that the reader of stdout went away.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Stdout>().is_some_and(|fault| fault.0.kind() == std::io::ErrorKind::BrokenPipe)
}

impl Console {
    pub(super) fn new(loudness: Loudness) -> Console {
        Console { loudness }
    }

    /// Writes data to stdout, all of it or an error.
    pub(super) fn data(self, text: &str) -> anyhow::Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Stdout)?;
        Ok(())
    }

    /// Says what happened, unless asked to be quiet.
    pub(super) fn note(self, text: &str) {
        if self.loudness >= Loudness::Normal {
            anstream::eprintln!("{text}");
        }
    }

    /// Says what only a curious user wants to know.
    pub(super) fn detail(self, text: &str) {
        if self.loudness >= Loudness::Verbose {
            anstream::eprintln!("{text}");
        }
    }

    /// Says that something is not as it should be, even when asked to be quiet.
    pub(super) fn warn(self, text: &str) {
        anstream::eprintln!("\u{1b}[33mwarning:\u{1b}[0m {text}");
    }

    pub(super) fn error(self, text: &str) {
        anstream::eprintln!("\u{1b}[31merror:\u{1b}[0m {text}");
    }

    pub(super) fn is_verbose(self) -> bool {
        self.loudness >= Loudness::Verbose
    }

    /// Returns the width of a table, in characters.
    pub(super) fn columns(self) -> u16 {
        let stdout = std::io::stdout();
        let width = terminal_size::terminal_size_of(&stdout).filter(|_| stdout.is_terminal());
        width.map_or(COLUMNS_OF_A_PIPE, |(width, _)| width.0.clamp(40, COLUMNS_MAX))
    }

    /// Returns a bar on stderr, hidden where stderr is no terminal or nothing should be said.
    pub(super) fn bar(self, length: u64, unit: Unit) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        if self.loudness == Loudness::Quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = match unit {
            Unit::Posts => "{msg} {bar:30} {pos}/{len} posts, {eta} left",
            Unit::Texts => "{msg} {bar:30} {pos}/{len} texts, {eta} left",
            Unit::Queries => "{msg} {bar:30} {pos}/{len} queries, {eta} left",
            Unit::Blocks => "{msg} {bar:30} {pos}/{len} blocks, {eta} left",
            Unit::Vectors => "{msg} {bar:30} {pos}/{len} vectors, {eta} left",
            Unit::Fetches => "{msg} {bar:30} {pos}/{len} URLs",
            Unit::Bytes => "{msg} {bar:30} {bytes}/{total_bytes}, {eta} left",
        };
        bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
    }

    /// Runs something long with a bar; what it is told is how much is done, and how much there is.
    pub(super) fn with_bar<T>(
        self,
        message: &str,
        unit: Unit,
        work: impl FnOnce(&mut dyn FnMut(usize, usize)) -> T,
    ) -> T {
        let bar = self.bar(0, unit);
        bar.set_message(message.to_owned());
        let result = work(&mut |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        result
    }
}

/// What a bar counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Posts,
    Texts,
    Queries,
    Vectors,
    Blocks,
    Bytes,
    Fetches,
}
