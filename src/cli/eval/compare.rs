//! `compare`.

use super::args::Compare;
use crate::cli::session::Session;

pub(in crate::cli) fn run(_session: &mut Session<'_>, _args: &Compare) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
