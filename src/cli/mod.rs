//! On the command line: what was typed, one file a subcommand, and what is said where.

mod answer_args;
mod args;
mod ask;
mod audit;
mod config;
mod console;
mod demo;
mod digest;
mod draft;
mod editorial;
mod embed;
mod environment;
mod errors;
mod eval;
mod filling;
mod filters;
mod graph;
mod graph_status;
mod guide;
mod history;
mod history_file;
mod index;
mod links;
mod model;
mod next;
mod path;
mod post_settings;
mod read_report;
mod session;
mod settings;
mod sources;
mod spec;
mod status;
mod store_report;
mod texts;
mod topics;
mod watch;
mod web;
mod words;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command, FormatWord, typed};
use console::{Console, Loudness};
use errors::Usage;
use session::Session;

/// Runs the command line of this process and returns its exit code: 0 done, 1 failure, 2 usage, 3 a quality gate.
pub fn main() -> ExitCode {
    ignore_file_size_signal();
    let cli = Cli::parse();
    let console = Console::new(Loudness::of(&cli.global));
    match run(&cli, &console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if console::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            console.error(&errors::say(&error));
            errors::exit_code(&error)
        }
    }
}

fn run(cli: &Cli, console: &Console) -> anyhow::Result<()> {
    if let Command::Completions { shell } = &cli.command {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Cli::command(), "nextread", &mut script);
        return console.data(&String::from_utf8_lossy(&script));
    }
    refuse_format(cli)?;
    let mut session = Session::start(&cli.global, console)?;
    match &cli.command {
        Command::Index(args) if args.watch => watch::index(&session, args),
        Command::Index(args) => index::run(&session, args),
        Command::Related(args) => ask::related(&mut session, args),
        Command::Links(args) if args.watch => watch::links(&mut session, args, cli.global.format),
        Command::Links(args) => links::run(&mut session, args, cli.global.format).map(drop),
        Command::Audit(args) => audit::run(&mut session, args),
        Command::Next(args) => next::run(&mut session, args),
        Command::Path(args) => path::run(&mut session, args),
        Command::Search(args) => ask::search(&mut session, args),
        Command::Explain(args) => ask::explain(&mut session, args),
        Command::Topics(args) => topics::run(&session, args),
        Command::Guide(args) => guide::run(&session, args),
        Command::Digest(args) => digest::run(&session, args),
        Command::Embed(args) => embed::run(&session, args),
        Command::Eval(command) => eval::run(&mut session, command),
        Command::Compare(args) => eval::compare::run(&mut session, args),
        Command::History(command) => history::run(&session, command),
        Command::Model(command) => model::run(&session, command),
        Command::Status => status::run(&session),
        Command::Sources(args) => sources::run(&session, args, cli.global.format),
        Command::Config => config::run(&session),
        Command::Demo => demo::run(&mut session),
        Command::Completions { .. } => Ok(()),
    }
}

/// Some forms are of some commands only.
fn refuse_format(cli: &Cli) -> anyhow::Result<()> {
    let Some(word) = cli.global.format else { return Ok(()) };
    let is_page = matches!(cli.command, Command::Guide(_) | Command::Digest(_));
    let is_links = matches!(cli.command, Command::Links(_));
    match word {
        FormatWord::Table | FormatWord::Json | FormatWord::Jsonl | FormatWord::Md => Ok(()),
        _ if is_links => Ok(()),
        FormatWord::Opml if matches!(cli.command, Command::Sources(_)) => Ok(()),
        FormatWord::Html if is_page => Ok(()),
        FormatWord::Html => Err(Usage::new(
            "only `guide` and `digest` write HTML pages, and `links` parts of them; take another --format",
        )
        .into()),
        _ => Err(Usage::new(format!("only `links` writes --format {}; take another", typed(word))).into()),
    }
}

/// A file that hits a size limit must be an error of the write, not the end of the process.
fn ignore_file_size_signal() {
    #[cfg(unix)]
    {
        let ignored = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        // Where it cannot be registered the limit kills the process, as it would have without the attempt.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, ignored);
    }
}
