//! Do two URLs lead to one page? What of an address names the page, and what only says who follows it.

/// Parameters that say where a reader comes from, by their beginning.
const TRACKING_STARTS: [&str; 3] = ["utm_", "mc_", "_hs"];
/// The same, whole.
const TRACKING: [&str; 12] =
    ["fbclid", "gclid", "igshid", "msclkid", "ref", "ref_src", "referrer", "source", "sk", "gi", "cmpid", "share"];

/// Returns what names the page of a URL: host and path, without scheme, `www.`, `amp.`, a trailing slash, `index.html`, and
/// parameters that only follow readers; the other parameters in order, and the fragment, which names a part of a page.
///
/// `None` where it is no web address, or that of a whole site.
///
/// ```
/// use nextread::corpus::page_of;
///
/// let page = page_of("http://WWW.blog.example/a/?utm_source=x&p=1");
/// assert_eq!(page.as_deref(), Some("blog.example/a?p=1"));
/// assert_eq!(page_of("https://blog.example/"), None);
/// ```
#[must_use]
pub fn page_of(url: &str) -> Option<String> {
    let url = url.trim();
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        return None;
    }
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.pop_if(|last| is_index(last));
    let mut kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
    kept.sort_unstable();
    // Words to be marked on the page name no part of it.
    let fragment = fragment.split(":~:").next().unwrap_or_default();
    if parts.is_empty() && kept.is_empty() && fragment.is_empty() {
        return None;
    }
    let mut page = format!("{}/{}", bare_host(host), parts.join("/"));
    for (mark, rest) in [('?', kept.join("&")), ('#', fragment.to_owned())] {
        if !rest.is_empty() {
            page.push(mark);
            page.push_str(&rest);
        }
    }
    Some(page)
}

/// Returns the host of a URL in lower case, without `www.` and the usual ports.
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.trim().split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(bare_host(host))
}

fn is_index(part: &str) -> bool {
    let (stem, ending) = part.split_once('.').unwrap_or((part, "html"));
    matches!(stem, "index" | "Index") && matches!(ending, "html" | "htm" | "php" | "md")
}

fn bare_host(host: &str) -> String {
    let host = host.rsplit('@').next().unwrap_or(host).to_ascii_lowercase();
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(&host);
    let host = host.strip_prefix("www.").unwrap_or(host);
    host.strip_prefix("amp.").unwrap_or(host).trim_end_matches('.').to_owned()
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
    TRACKING.contains(&name.as_str()) || TRACKING_STARTS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_has_many_addresses() {
        let check = |url: &str, expect: Option<&str>| assert_eq!(page_of(url).as_deref(), expect, "{url}");
        let page = Some("blog.example/2026/Post");
        check("https://blog.example/2026/Post", page);
        check("http://www.Blog.example:80/2026/Post/index.html?utm_source=a&utm_medium=b", page);
        check("HTTPS://blog.example:443//2026/Post/?ref=x&fbclid=1#:~:text=some%20words", page);
        check("https://amp.blog.example/2026/Post#", page);
        check("https://blog.example/2026/post", Some("blog.example/2026/post"));
        check("https://blog.example/?p=7&lang=de", Some("blog.example/?lang=de&p=7"));
        check("https://blog.example/changes#v1.2", Some("blog.example/changes#v1.2"));
        check("https://blog.example/index.html", None);
        check("https://blog.example?utm_campaign=z", None);
        check("mailto:a@blog.example", None);
        check("/2026/post", None);
    }

    #[test]
    fn hosts_are_bare() {
        assert_eq!(host_of("https://www.Blog.example/a").as_deref(), Some("blog.example"));
        assert_eq!(host_of("https://user@blog.example?x").as_deref(), Some("blog.example"));
        assert_eq!(host_of("blog.example/a"), None);
    }
}
