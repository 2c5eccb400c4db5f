//! `eval beir`.

use super::args::Beir;
use crate::cli::session::Session;

pub(super) fn run(_session: &mut Session<'_>, _args: &Beir) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
