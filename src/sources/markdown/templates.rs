//! What in a Markdown file is not Markdown? Shortcodes, Liquid and Jinja tags, attribute lists, MDX imports.
//!
//! Every site generator adds a language of its own. None of it is prose, so it goes before Markdown is parsed; what
//! stands between a pair of tags stays, unless the pair marks code.

use std::collections::HashSet;

/// No tag is longer; a lone `{{` costs no more than looking this far.
const TAG_BYTES_MAX: usize = 2 << 10;
/// A code span that is longer is two stray backticks.
const SPAN_BYTES_MAX: usize = 1 << 10;
/// Pairs of tags with code or comments between them.
const CODE_TAGS: &[&str] =
    &["highlight", "codeblock", "code", "prism", "mermaid", "comment", "capture", "gist", "css", "javascript", "math"];

/// A link's beginning is looked for this far before a tag.
const LINK_BYTES_MAX: usize = 512;

/// Removes everything that a template engine or MDX would have taken. Where a tag stands for a link's destination, what
/// it names stays in its place: `[x]({{< ref "y.md" >}})` is `[x](y.md)`.
pub(super) fn strip_templates(text: &str) -> String {
    let mut stripper = Stripper { text, out: String::with_capacity(text.len()), unclosed: HashSet::new() };
    stripper.run();
    stripper.out
}

struct Stripper<'t> {
    text: &'t str,
    out: String,
    /// Tags that are known not to end any more, so that nobody looks for their end twice.
    unclosed: HashSet<&'t str>,
}

impl<'t> Stripper<'t> {
    fn run(&mut self) {
        let mut at = 0;
        while at < self.text.len() {
            let line_starts = at == 0 || self.text.as_bytes()[at - 1] == b'\n';
            if line_starts && let Some(end) = self.whole_lines(at) {
                at = end;
                continue;
            }
            let rest = &self.text[at..];
            let plain = rest.find(['{', '`', '\n']).unwrap_or(rest.len());
            self.out.push_str(&rest[..plain]);
            at += plain;
            at = match rest.as_bytes().get(plain) {
                Some(b'{') => self.brace(at),
                Some(b'`') => self.code_span(at),
                Some(_) => self.keep(at, 1),
                None => at,
            };
        }
    }

    fn keep(&mut self, at: usize, length: usize) -> usize {
        self.out.push_str(&self.text[at..at + length]);
        at + length
    }

    /// Drops a fenced code block (MDX nests them in HTML, where Markdown would not see them) or lines that are no
    /// prose; returns where they end.
    fn whole_lines(&mut self, at: usize) -> Option<usize> {
        let rest = &self.text[at..];
        let line = rest.lines().next()?.trim();
        if let Some(fence) = fence(line) {
            let closes = |candidate: &str| {
                candidate.trim().starts_with(fence) && candidate.trim().trim_start_matches(&fence[..1]).is_empty()
            };
            let mut end = line_end(rest, 0);
            while end < rest.len() {
                let next = line_end(rest, end);
                let closed = closes(&rest[end..next]);
                end = next;
                if closed {
                    break;
                }
            }
            self.out.push('\n');
            return Some(at + end);
        }
        if line.starts_with(":::") {
            return Some(at + line_end(rest, 0));
        }
        if is_mdx_statement(line) {
            // A statement of several lines ends with the paragraph.
            return Some(at + paragraph_end(rest));
        }
        None
    }

    /// Copies a code span; only Jekyll's `raw` tags go, which are there so that the rest of it stays.
    fn code_span(&mut self, at: usize) -> usize {
        let length = code_span(&self.text[at..]);
        let span = &self.text[at..at + length];
        if span.contains("{%") {
            self.out.push_str(&span.replace("{% raw %}", "").replace("{% endraw %}", ""));
        } else {
            self.out.push_str(span);
        }
        at + length
    }

    fn brace(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        let look = &rest[..rest.floor_char_boundary(TAG_BYTES_MAX)];
        let pairs =
            [("{{<", ">}}"), ("{{%", "%}}"), ("{{", "}}"), ("{%", "%}"), ("{/*", "*/}"), ("{#", "#}"), ("{:", "}")];
        let Some((open, close)) = pairs.into_iter().find(|(open, _)| rest.starts_with(open)) else {
            return self.keep(at, 1);
        };
        let found = look[open.len()..].find(close).map(|found| open.len() + found);
        // A heading's {#id} is Markdown's, a Jinja comment has a space.
        let not_ours = match open {
            "{:" => found.is_some_and(|found| look[..found].contains('\n')),
            "{#" => !look[2..].starts_with(char::is_whitespace),
            _ => false,
        };
        match found.filter(|_| !not_ours) {
            Some(found) => {
                let after = at + found + close.len();
                let inside = look[open.len()..found].trim_matches(['-', ' ']);
                if let Some(target) = link_target(open, inside).filter(|_| is_destination(&self.out)) {
                    self.out.push_str(target);
                }
                self.pair_end(inside, after).unwrap_or(after)
            }
            None => self.keep(at, open.len()),
        }
    }

    /// Returns where the closing tag ends, when the tag opens code.
    fn pair_end(&mut self, inside: &'t str, from: usize) -> Option<usize> {
        let name = inside.split([' ', '\n', '(', '\t']).next().unwrap_or_default();
        if !CODE_TAGS.contains(&name) || inside.ends_with('/') || self.unclosed.contains(name) {
            return None;
        }
        let rest = &self.text[from..];
        let ends = [
            format!("{{% end{name}"),
            format!("{{%- end{name}"),
            format!("{{{{< /{name}"),
            format!("{{{{% /{name}"),
            format!("{{{{</{name}"),
            format!("{{{{< / {name}"),
        ];
        let Some(start) = ends.iter().filter_map(|end| rest.find(end)).min() else {
            self.unclosed.insert(name);
            return None;
        };
        let close = rest[start..].find("}").map(|end| from + start + end + 1)?;
        Some(close + usize::from(self.text[close..].starts_with('}')))
    }
}

/// Returns what a tag that makes a link names: Hugo's `ref "x"`, Jekyll's `post_url x` and `link x`, Liquid's and
/// Nunjucks' `"x" | url`.
fn link_target<'t>(open: &str, inside: &'t str) -> Option<&'t str> {
    let (name, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let named = match (open, name) {
        ("{{<" | "{{%", "ref" | "relref") => rest.split_once("path=").map_or(rest, |(_, path)| path),
        ("{%", "post_url" | "link") => rest,
        ("{{", _) if inside.starts_with(['"', '\'']) => inside,
        _ => return None,
    };
    let named = named.trim_start();
    let quote = named.chars().next().filter(|first| ['"', '\'', '`'].contains(first));
    let target = match quote {
        Some(quote) => named[1..].split(quote).next(),
        None => named.split_whitespace().next(),
    };
    // Anything else would end the destination.
    target.filter(|target| !target.is_empty() && !target.contains(|c: char| c.is_whitespace() || "<>()\"'".contains(c)))
}

/// Tells whether what comes next belongs to the destination of a link: `](`, `[name]:` or `href=`.
fn is_destination(before: &str) -> bool {
    let look = &before[before.ceil_char_boundary(before.len().saturating_sub(LINK_BYTES_MAX))..];
    let line = look.rsplit('\n').next().unwrap_or(look);
    let goes_on =
        |destination: &str, ends: &str| !destination.contains(|c: char| c.is_whitespace() || ends.contains(c));
    let inline = line.rsplit_once("](").is_some_and(|(_, destination)| goes_on(destination.trim_start(), ")"));
    let reference = line.trim_start().starts_with('[')
        && line.split_once("]:").is_some_and(|(_, destination)| goes_on(destination.trim_start(), ""));
    let anchor =
        line.rsplit_once("href=").is_some_and(|(_, value)| goes_on(value.trim_start_matches(['"', '\'']), "\"'>"));
    inline || reference || anchor
}

/// Returns the run of backticks or tildes that opens a fenced code block.
fn fence(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| ['`', '~'].contains(c))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    let opens = length >= 3 && !(mark == '`' && line[length..].contains('`'));
    opens.then(|| &line[..length])
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |end| from + end + 1)
}

fn paragraph_end(text: &str) -> usize {
    let mut end = 0;
    while end < text.len() {
        let next = line_end(text, end);
        if text[end..next].trim().is_empty() {
            break;
        }
        end = next;
    }
    end
}

/// Tells whether a line begins an ECMAScript import or export, as MDX has them.
fn is_mdx_statement(line: &str) -> bool {
    let imports = line.starts_with("import ") || line == "import{";
    let quoted = line.trim_end_matches(';').ends_with(['\'', '"']);
    (imports && (quoted || line.ends_with('{') || line.ends_with(',')))
        || ["export const ", "export default ", "export function ", "export let "]
            .iter()
            .any(|word| line.starts_with(word))
}

/// Returns the length of the code span at the start of `text`, or of its backticks when it does not end.
fn code_span(text: &str) -> usize {
    let run = text.len() - text.trim_start_matches('`').len();
    let look = &text[run..text.floor_char_boundary(SPAN_BYTES_MAX.max(run))];
    let mut from = 0;
    while let Some(found) = look[from..].find('`') {
        let start = from + found;
        let length = look[start..].len() - look[start..].trim_start_matches('`').len();
        if length == run {
            return run + start + length;
        }
        from = start + length;
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(strip_templates(text), expect, "{text}");
    }

    #[test]
    fn tags_go_and_what_is_between_stays() {
        check("a {{< figure src=\"x_y\" >}} b", "a  b");
        check("{{% note %}}keep{{% /note %}} {{ page.url }} {% include x.html %}c", "keep  c");
        check("# Head {#id}\n{: .no_toc}\n{/* note */}{# no #}", "# Head {#id}\n\n");
        check("{{ open\n{% open\n{ x }", "{{ open\n{% open\n{ x }");
    }

    #[test]
    fn what_a_link_names_stays() {
        check("[a]({{< ref \"b.md\" >}}) {{< ref \"c\" >}}", "[a](b.md) ");
        check("[a]({{<relref b >}} \"t\") [c]({{% ref path='/d.md' lang='en' %}})", "[a](b \"t\") [c](/d.md)");
        check("[a]({{ site.url }}{% link _posts/2020-01-02-b.md %}#c)", "[a](_posts/2020-01-02-b.md#c)");
        check("[a]: {% post_url 2020-01-02-b %}\n[b]:{% post_url c %} 'T'", "[a]: 2020-01-02-b\n[b]:c 'T'");
        check("<a href=\"{{ '/b/' | url }}\">{{ 'c' }}</a>", "<a href=\"/b/\"></a>");
        check("[a](b) {% post_url c %} [d](  {{ e }}) [f]: x {% link y %}", "[a](b)  [d](  ) [f]: x ");
        check("![a](/b{{ \"c d\" }})", "![a](/b)");
    }

    #[test]
    fn code_between_tags_goes() {
        check("a{% highlight ruby linenos %}\nx = 1\n{% endhighlight %}b", "ab");
        check("a{{< highlight go >}}x{{< /highlight >}}b", "ab");
        check("a{%- comment -%}x{%- endcomment -%}b", "ab");
        check("{% highlight %}a{% highlight %}b", "ab");
    }

    #[test]
    fn fenced_code_goes() {
        check("a\n  ```js\n{{ x }}\nimport a from 'b'\n  ````\n{{ y }}z", "a\n\nz");
        check("~~~\n{{ open\n```\n", "\n");
        check("``` not a `fence`\n", "``` not a `fence`\n");
    }

    #[test]
    fn code_in_markdown_stays() {
        check("use `{{ x }}` and ``{% y %}`` {{ z }}", "use `{{ x }}` and ``{% y %}`` ");
        check("`{% raw %}{{ x }}{% endraw %}`", "`{{ x }}`");
        check("`{{ a }}", "`");
    }

    #[test]
    fn mdx_and_directives_go() {
        check(
            "import A from './a';\nimport {\n  B,\n} from \"b\"\n\ntext\n\nexport const x = {\n  a: 1,\n};\n",
            "\ntext\n\n",
        );
        check(":::note Title\nkeep\n:::\nimport prices rose", "keep\nimport prices rose");
    }

    #[test]
    fn hostile_input_takes_one_look() {
        for unit in ["{{", "{%", "{% highlight %}", "`", "{:", "{{<", "```\n", "`` ` ", "import {\n"] {
            let text = unit.repeat(200_000 / unit.len());
            assert!(strip_templates(&text).len() <= text.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_added(text in "(\\PC|[{}%<>`#:/*\n -]|highlight|\\{% |endhighlight|import ){0,80}") {
            proptest::prop_assert!(strip_templates(&text).len() <= text.len());
        }
    }
}
