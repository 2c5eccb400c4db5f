//! Where does an author part the summary from the rest? At a comment: `more` or `truncate`.

/// No mark is longer; a comment that never ends costs no more than looking this far.
const MARK_BYTES_MAX: usize = 64;

/// Returns what stands before the mark; `None` where there is no mark, or nothing before it.
pub(super) fn before_mark<'b>(body: &'b str, separator: Option<&str>) -> Option<&'b str> {
    let own = separator.filter(|own| !own.trim().is_empty()).and_then(|own| body.find(own));
    let at = own.or_else(|| mark(body, "<!--", "-->")).or_else(|| mark(body, "{/*", "*/}"))?;
    Some(&body[..at]).filter(|before| !before.trim().is_empty())
}

fn mark(body: &str, open: &str, close: &str) -> Option<usize> {
    let comments = body.match_indices(open).filter_map(|(at, _)| {
        let inside = &body[at + open.len()..];
        let look = &inside[..inside.floor_char_boundary(MARK_BYTES_MAX)];
        Some((at, look[..look.find(close)?].trim()))
    });
    let mut marks = comments.filter(|(_, word)| ["more", "truncate", "excerpt", "readmore"].contains(word));
    marks.next().map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_generators() {
        let check = |body, own, expect| assert_eq!(before_mark(body, own), expect, "{body}");
        check("a\n<!--more-->\nb", None, Some("a\n"));
        check("a <!-- x --> b <!-- more --> c", None, Some("a <!-- x --> b "));
        check("a\n\n{/* truncate */}\nb", None, Some("a\n\n"));
        check("a\n---8<---\nb <!--more-->", Some("---8<---"), Some("a\n"));
        check("<!--more-->b", None, None);
        check("a <!-- more", None, None);
    }
}
