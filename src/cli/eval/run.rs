//! `eval run`.

use super::args::RunArgs;
use crate::cli::session::Session;

pub(super) fn run(_session: &mut Session<'_>, _args: &RunArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
