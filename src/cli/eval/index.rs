//! `eval index`.

use super::args::IndexArgs;
use crate::cli::session::Session;

pub(super) fn run(_session: &mut Session<'_>, _args: &IndexArgs) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
