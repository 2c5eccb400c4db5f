//! Whose wishes shape the lists of related posts? The author's who runs this; what others publish has no say in them.

use super::gather::Posts;
use crate::corpus::WishError;
use crate::sources::{Grouped, NoteKind, Read};

/// Drops what fetched posts wish of lists, and what was said of wishes that cannot be read.
pub(super) fn drop_wishes(mut posts: Posts, url: &str) -> Posts {
    let dropped = drop_of_read(&mut posts.read);
    if dropped > 0 {
        posts.told.push(format!(
            "{url}: {dropped} of its posts say under `nextread` what lists should have; what is fetched does not decide \
             that; say it in nextread.toml"
        ));
    }
    posts
}

/// Returns of how many posts there were any.
fn drop_of_read(read: &mut Read) -> usize {
    read.report.notes.first.retain(|note| !matches!(note.what, NoteKind::Wish(_)));
    read.report.notes.counts.remove(NoteKind::Wish(WishError::Kind { key: "", expected: "" }).group());
    std::mem::take(&mut read.wishes).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::PostsKind;
    use crate::post::PostDate;
    use crate::sources::{ReadOptions, read_stream};

    #[test]
    fn what_is_fetched_does_not_speak_as_the_author() {
        let records =
            "{\"title\": \"a\", \"nextread\": {\"pin\": [\"b\"], \"pins\": 1}}\n{\"title\": \"b\", \"date\": \"x\"}\n";
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        let read = read_stream(records.as_bytes(), "https://blog.example/", &options).unwrap();
        // Read from elsewhere, they do.
        assert_eq!((read.wishes.len(), read.report.notes.total()), (1, 2));
        let posts = drop_wishes(Posts { kind: PostsKind::Feed, read, told: Vec::new() }, "https://blog.example/");
        assert_eq!((posts.read.posts.len(), posts.read.wishes.len(), posts.read.report.notes.total()), (2, 0, 1));
        assert_eq!(posts.read.report.notes.first.len(), 1);
        assert!(
            posts.told[0].starts_with("https://blog.example/: 1 of its posts say under `nextread`"),
            "{:?}",
            posts.told
        );
    }
}
