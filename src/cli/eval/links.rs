//! `eval links`.

use super::args::Links;
use crate::cli::session::Session;

pub(super) fn run(_session: &mut Session<'_>, _args: &Links) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
