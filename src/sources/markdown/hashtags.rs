//! Which tags stand in a text of Obsidian? `#like/this`, at the beginning of a word; not in code, and no heading.

/// Returns the tags, without the sign, in the order of the text.
pub(super) fn hashtags(body: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut fenced = false;
    for line in body.lines() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            fenced = !fenced;
        }
        let outside_of_code = line.split('`').step_by(2);
        for text in outside_of_code.filter(|_| !fenced) {
            tags.extend(text.split_whitespace().filter_map(tag));
        }
    }
    tags
}

/// Numbers alone are no tag, `#1` counts issues.
fn tag(word: &str) -> Option<String> {
    let inside = word.strip_prefix('#')?;
    let end = inside.find(|c: char| !c.is_alphanumeric() && !"_-/".contains(c)).unwrap_or(inside.len());
    let tag = inside[..end].trim_end_matches('/');
    tag.contains(|c: char| !c.is_ascii_digit()).then(|| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_with_a_sign() {
        let body = "# Heading\nabout #Rust, #a/b-c and #12 or x#y `#no` (#\n```\n#no\n```\n#end.";
        assert_eq!(hashtags(body), ["Rust", "a/b-c", "end"]);
    }
}
