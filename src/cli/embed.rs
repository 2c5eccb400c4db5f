//! `embed`: which vectors do these texts have?

use super::args::Embed;
use super::errors::Usage;
use super::eval::files::write_blocks;
use super::session::Session;
use super::texts::read_texts;
use super::words::many;
use crate::embeddings::LongTexts;
use crate::eval::npy_blocks;

pub(super) fn run(session: &Session<'_>, args: &Embed) -> anyhow::Result<()> {
    let read = read_texts(&args.texts)?;
    if let Some(line) = read.empty.first() {
        let name = &read.name;
        let remedy = "take the line out, so that rows and lines stay in step";
        return Err(Usage::new(format!("{name}:{line}: neither title nor text; {remedy}")).into());
    }
    let embedder = session.embedder(if args.truncate { LongTexts::Truncate } else { session.long_texts() })?;
    let texts: Vec<&str> = read.texts.iter().map(String::as_str).collect();
    let embedded = session.embed_texts(&*embedder, &texts, "texts")?;
    write_blocks(&args.output, npy_blocks(&embedded.embeddings))?;
    let (rows, dimension) = (many(texts.len(), "vector"), embedded.embeddings.dimension());
    let (output, model) = (args.output.display(), &embedder.space().model);
    session
        .console
        .note(&format!("{output}: {rows} of {dimension} numbers by {model}, a row a text, each of length 1"));
    Ok(())
}
