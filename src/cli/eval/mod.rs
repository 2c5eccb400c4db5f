//! `eval` and `compare`: is it any good?

pub(super) mod args;
mod asker;
mod beir;
mod collection;
pub(super) mod compare;
pub(super) mod files;
mod index;
mod index_points;
mod index_variants;
mod links;
mod next;
mod paths;
mod run;
mod saved;
mod search;
mod show;
mod site;
mod sts;
mod vectors;

use super::session::Session;
use args::Eval;

pub(super) fn run(session: &mut Session<'_>, command: &Eval) -> anyhow::Result<()> {
    match command {
        Eval::Beir(args) => beir::run(session, args),
        Eval::Run(args) => run::run(session, args),
        Eval::Sts(args) => sts::run(session, args),
        Eval::Links(args) => links::run(session, args),
        Eval::Paths(args) => paths::run(session, args),
        Eval::Next(args) => next::run(session, args),
        Eval::Index(args) => index::run(session, args),
    }
}
