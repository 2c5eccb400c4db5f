//! Whose is a file? One that nextread wrote ends with a comment that says so and has a hash of all that stands before it: an edit
//! by hand is no longer ours to replace or to delete.
//!
//! The mark is in the file itself, not in a list beside it, so that it goes where the file goes: into a repository, to another
//! machine, through a merge.

use sha2::{Digest, Sha256};

use crate::text::WRITTEN_BY_US;

/// How comments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comment {
    /// `<!-- … -->`: HTML, Markdown, XML.
    Markup,
    /// `// …`: DOT.
    Slashes,
    /// `%% …`: Mermaid.
    Percent,
    /// `# …`: text.
    Number,
}

/// Who wrote a file last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Nextread; it may be replaced and deleted.
    Ours,
    /// Nobody: it is blank, and may be replaced.
    Blank,
    /// Nextread, and then somebody else.
    Edited,
    /// Somebody else.
    Foreign,
}

/// Hexadecimal digits of a hash: enough to tell an edit, which nobody makes to deceive.
const HASH_DIGITS: usize = 16;

impl Comment {
    fn around(self) -> (&'static str, &'static str) {
        match self {
            Comment::Markup => ("<!-- ", " -->"),
            Comment::Slashes => ("// ", ""),
            Comment::Percent => ("%% ", ""),
            Comment::Number => ("# ", ""),
        }
    }
}

/// Puts the mark behind a text, on a line of its own.
#[must_use]
pub fn sign(text: &str, comment: Comment) -> String {
    let (start, end) = comment.around();
    format!("{text}{start}{WRITTEN_BY_US} {}{end}\n", hash(text))
}

/// Tells who wrote a text last.
#[must_use]
pub fn whose(text: &str, comment: Comment) -> Whose {
    if text.trim().is_empty() {
        return Whose::Blank;
    }
    let (start, end) = comment.around();
    let trimmed = text.trim_end();
    let at = trimmed.rfind('\n').map_or(0, |end| end + 1);
    let mark = trimmed[at..].strip_prefix(start).and_then(|line| line.strip_suffix(end));
    match mark.and_then(|mark| mark.strip_prefix(WRITTEN_BY_US)) {
        Some(found) if found.trim() == hash(&text[..at]) => Whose::Ours,
        Some(_) => Whose::Edited,
        None if text.contains(WRITTEN_BY_US) => Whose::Edited,
        None => Whose::Foreign,
    }
}

/// Line ends do not count: git may change them.
pub(super) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.replace("\r\n", "\n"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()[..HASH_DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_ours_until_somebody_edits_it() {
        let check = |text: &str, expect| assert_eq!(whose(text, Comment::Markup), expect, "{text:?}");
        for comment in [Comment::Markup, Comment::Slashes, Comment::Percent, Comment::Number] {
            for text in ["", "a\n", "<p>\u{e9}</p>\nb\n"] {
                assert_eq!(whose(&sign(text, comment), comment), Whose::Ours, "{text:?}");
            }
        }
        let signed = sign("<p>a</p>\n", Comment::Markup);
        check(&signed.replace('\n', "\r\n"), Whose::Ours);
        check(&format!("{signed}\n"), Whose::Ours);
        check(&signed.replace("<p>a", "<p>b"), Whose::Edited);
        check(&format!("{signed}<p>more</p>\n"), Whose::Edited);
        check(&format!("<p>more</p>\n{signed}"), Whose::Edited);
        check(" \n", Whose::Blank);
        check("<p>a</p>\n", Whose::Foreign);
        check("<!-- a comment -->", Whose::Foreign);
    }
}
