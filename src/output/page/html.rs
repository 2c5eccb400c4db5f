//! A page in HTML that needs no other file: no scripts, no fonts, light and dark, on a phone and on paper.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::{Block, Line};

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--soft:#5a5a5a;--line:#c9c9c9;--bar:#3b6ea5}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#15181b;--soft:#a9adb1;--line:#474c51;--bar:#7fb0e6}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:46rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-top:.5rem;border-top:2px solid var(--line)}
li{margin:.4rem 0}a{color:inherit}
.soft{color:var(--soft);font-size:.9rem}.note{margin:.1rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%;max-width:34rem}
th{font-weight:400;text-align:left;padding:0 .7rem 0 0}td.number{text-align:right;padding:0 .7rem 0 0}
td.bar{width:100%}td.bar span{display:block;height:.8rem;background:var(--bar)}
footer{margin-top:3rem;border-top:2px solid var(--line);color:var(--soft);font-size:.85rem}
@media print{body{max-width:none;padding:0}h2{break-after:avoid}li{break-inside:avoid}}
";

/// Writes a whole page.
pub(in crate::output) fn html(title: &str, blocks: &[Block]) -> String {
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(concat!("nextread ", env!("CARGO_PKG_VERSION")));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                @for block in blocks { (one(block)) }
                footer { p { "Written by nextread " (env!("CARGO_PKG_VERSION")) "." } }
            }
        }
    };
    page.into_string() + "\n"
}

fn one(block: &Block) -> Markup {
    match block {
        Block::Title(text) => markup! { h1 { (text) } },
        Block::Heading(text) => markup! { h2 { (text) } },
        Block::Text(text) => markup! { p { (text) } },
        Block::List(lines) => markup! { ul { @for line in lines { li { (line) } } } },
        Block::Posts(posts) => markup! { ul { @for post in posts { (entry(post)) } } },
        Block::Steps(posts) => markup! { ol { @for post in posts { (entry(post)) } } },
        Block::Chart(bars) => chart(bars),
    }
}

fn entry(post: &Line) -> Markup {
    markup! {
        li {
            @match post.url.as_deref().filter(|url| can_be_followed(url)) {
                Some(url) => a href=(url) { (post.title) },
                None => (post.title),
            }
            @if !post.about.is_empty() { " " span.soft { (post.about) } }
            @for note in &post.notes { p.note { (note) } }
        }
    }
}

/// An address could be a script.
fn can_be_followed(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_lowercase());
    scheme.is_none_or(|scheme| matches!(scheme.as_str(), "http" | "https") || scheme.contains('/'))
}

fn chart(bars: &[(String, usize)]) -> Markup {
    let most = bars.iter().map(|bar| bar.1).max().unwrap_or(0).max(1);
    markup! {
        table {
            @for (name, number) in bars {
                tr {
                    th scope="row" { (name) }
                    td.number { (number) }
                    td.bar { span style=(format!("width:{:.1}%", 100.0 * *number as f64 / most as f64)) {} }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_text_and_scripts_are_no_addresses() {
        let line =
            |url: &str| Line { title: "<b>A</b>".into(), url: Some(url.into()), about: String::new(), notes: vec![] };
        let page = html("x", &[Block::Posts(vec![line("javascript:alert(1)"), line("https://a.example/?b=1&c=\"")])]);
        assert!(
            page.contains("&lt;b&gt;A&lt;/b&gt;") && !page.contains("<b>A") && !page.contains("javascript"),
            "{page}"
        );
        assert!(page.contains("href=\"https://a.example/?b=1&amp;c=&quot;\""), "{page}");
    }
}
