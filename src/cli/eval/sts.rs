//! `eval sts`.

use super::args::Sts;
use crate::cli::session::Session;

pub(super) fn run(_session: &mut Session<'_>, _args: &Sts) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
