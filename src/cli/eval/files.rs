//! Files in and out: text, gzipped or not; written beside and renamed.

use std::io::Read;
use std::path::Path;

use anyhow::Context;

use crate::cli::console::Console;
use crate::cli::errors::Usage;
use crate::cli::words::many;
use crate::eval::formats::FormatNotes;
use crate::store::replace_file;

/// The most bytes that are read from one file, after unpacking.
const BYTES_MAX: u64 = 8 << 30;

/// Reads a whole text file; one that begins with gzip's mark is unpacked. `-` is stdin.
pub(in crate::cli) fn read_text(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(BYTES_MAX + 1).read_to_end(&mut bytes).context("-: cannot be read")?;
    } else {
        let file = std::fs::File::open(path).with_context(|| format!("{name}: cannot be opened"))?;
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes).with_context(|| format!("{name}: cannot be read"))?;
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        let gzip = flate2::read::MultiGzDecoder::new(bytes.as_slice());
        gzip.take(BYTES_MAX + 1)
            .read_to_end(&mut unpacked)
            .with_context(|| format!("{name}: gzip data is damaged or cut off; pack it again"))?;
        bytes = unpacked;
    }
    anyhow::ensure!(bytes.len() as u64 <= BYTES_MAX, "{name}: more than {} GB; split it", BYTES_MAX >> 30);
    String::from_utf8(bytes).map_err(|fault| {
        let valid = fault.utf8_error().valid_up_to();
        let line = 1 + fault.as_bytes()[..valid].iter().filter(|&&byte| byte == b'\n').count();
        anyhow::anyhow!("{name}:{line}: not UTF-8 text; convert the file")
    })
}

/// Says what was read of a file but does not count; `None` where everything does.
pub(super) fn notes_words(notes: FormatNotes) -> Option<String> {
    let repeats = format!("{} left out", many(notes.repeats, "repeated line"));
    let contradictions = format!(
        "{} with another grade than an earlier line for the same query and post, the first in line {}; the earlier \
         one counts",
        many(notes.contradictions, "judgment"),
        notes.first_contradiction
    );
    let ranks = format!(
        "in {} the ranks say another order than the scores; the scores count",
        many(notes.rank_contradictions, "query")
    );
    let tied =
        format!("in {} all answers have one score; the rule of ties decides (--ties)", many(notes.all_tied, "query"));
    let told = [
        (notes.repeats, repeats),
        (notes.contradictions, contradictions),
        (notes.rank_contradictions, ranks),
        (notes.all_tied, tied),
    ];
    let told: Vec<String> = told.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Writes a file that the user named, and says so.
pub(super) fn write_answer(console: &Console, path: &Path, text: &str) -> anyhow::Result<()> {
    if path == Path::new("-") {
        return Err(Usage::new("-: stdout has the answer; name a file").into());
    }
    write_text(path, text)?;
    console.note(&format!("{}: written", path.display()));
    Ok(())
}

/// As [`write_blocks`], of one text.
pub(super) fn write_text(path: &Path, text: &str) -> anyhow::Result<()> {
    write_blocks(path, std::iter::once(text))
}

/// Writes a whole file beside its place and renames it, so that a crash leaves the old one; makes its folder.
pub(in crate::cli) fn write_blocks<B: AsRef<[u8]>>(
    path: &Path,
    mut blocks: impl Iterator<Item = B>,
) -> anyhow::Result<()> {
    let mut write = || -> std::io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.map_or(Ok(()), std::fs::create_dir_all)?;
        replace_file(path, |file| blocks.try_for_each(|block| file.write_all(block.as_ref())))
    };
    write().with_context(|| format!("{}: cannot be written", path.display()))
}
