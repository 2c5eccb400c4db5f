//! Which feeds are followed? A list that other readers take, and that `nextread index` reads back.

use super::escape::xml;
use super::pages::opml_around;

/// A feed that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What it is called.
    pub title: String,
    /// Its URL.
    pub url: String,
}

/// Writes feeds as OPML 2.0, in their order.
#[must_use]
pub fn subscriptions(feeds: &[Subscription]) -> String {
    let mut text = String::new();
    for Subscription { title, url } in feeds {
        text += &format!("    <outline type=\"rss\" text=\"{}\" xmlUrl=\"{}\"/>\n", xml(title), xml(url));
    }
    opml_around("Feeds", &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{Outline, outlines};

    #[test]
    fn what_is_written_is_read_back() {
        let url = "https://blog.example/feed?a=1&b=%22".to_owned();
        let feed = Subscription { title: "A \"blog\" <b>&\u{1}\n".to_owned(), url: url.clone() };
        let text = subscriptions(&[feed]);
        assert_eq!(outlines(&text).unwrap(), [Outline::Feed { url }]);
        assert!(text.contains("text=\"A &quot;blog&quot; &lt;b&gt;&amp;\u{fffd}&#10;\""), "{text}");
    }
}
