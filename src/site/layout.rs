//! Where does a generator keep its data, and how does it write a path?

/// How a generator lays out a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `data/related.json`; paths are as `.File.Path` has them, below `content`.
    Hugo,
    /// `_data/related.json`; paths are as `page.path` has them, below the site.
    Jekyll,
    /// `_data/related.json`; paths are as `page.inputPath` has them, with `./` in front.
    Eleventy,
    /// `src/data/related.json`; paths are as `entry.filePath` has them, below the site.
    Astro,
    /// `data/related.json`, for `load_data`; paths are as `page.relative_path` has them, below `content`.
    Zola,
    /// No generator's: paths are below the site.
    Plain,
}

impl Layout {
    /// Returns where the data file stands below the site's folder; `None` where there is no such place.
    #[must_use]
    pub fn data_file(self) -> Option<&'static str> {
        match self {
            Layout::Hugo | Layout::Zola => Some("data/related.json"),
            Layout::Jekyll | Layout::Eleventy => Some("_data/related.json"),
            Layout::Astro => Some("src/data/related.json"),
            Layout::Plain => None,
        }
    }

    /// Spells a path below the site's folder (with forward slashes) as the generator does.
    #[must_use]
    pub fn spell(self, path: &str) -> String {
        match self {
            Layout::Hugo | Layout::Zola => path.strip_prefix("content/").unwrap_or(path).to_owned(),
            Layout::Eleventy => format!("./{path}"),
            Layout::Jekyll | Layout::Astro | Layout::Plain => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_spelled_as_templates_have_them() {
        for (layout, path, expect) in [
            (Layout::Hugo, "content/posts/a.md", "posts/a.md"),
            (Layout::Hugo, "blog/content/a.md", "blog/content/a.md"),
            (Layout::Jekyll, "_posts/a.md", "_posts/a.md"),
            (Layout::Eleventy, "posts/a.md", "./posts/a.md"),
            (Layout::Astro, "src/content/a.md", "src/content/a.md"),
        ] {
            assert_eq!(layout.spell(path), expect);
        }
    }
}
