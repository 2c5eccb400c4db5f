//! The links of a site for a reader: each post with its links below.

use super::Linked;
use crate::text::one_line;

/// Writes every post and, indented, the titles of its links.
#[must_use]
pub fn table(linked: &Linked<'_>) -> String {
    let mut lines = String::new();
    for (name, post) in linked.by_name() {
        let title = one_line(&linked.corpus.post(post.position).title);
        lines.push_str(&format!("{title}  [{name}]\n"));
        for link in &post.links {
            let title = one_line(&linked.corpus.post(link.position).title);
            let pinned = if link.is_pinned { "  (pinned)" } else { "" };
            lines.push_str(&format!("  {:.3}  {title}{pinned}\n", link.score));
        }
        if post.links.is_empty() {
            lines.push_str("  (none)\n");
        }
    }
    lines
}
