//! `eval paths`.

use super::args::Paths;
use crate::cli::session::Session;

pub(super) fn run(_session: &mut Session<'_>, _args: &Paths) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
