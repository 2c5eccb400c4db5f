//! What does a configuration say? Its fields, whatever they are written in; one that cannot be read is an error.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use serde_json::{Map, Value};

use super::SiteKind;
use super::inherited::Unread;
use super::literals;
use crate::sources::markdown::{FrontMatterForm, fields_of};
use crate::sources::reasons::{NoteKind, SkipReason};
use crate::sources::record::text_of;
use crate::sources::report::Place;

/// No configuration is longer; nested YAML costs time that grows with the square of its length.
pub(super) const CONFIG_BYTES_MAX: u64 = 32 << 10;

/// What the configuration of a site says, and what is to be told of it.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Hugo's keys are in lower case, as it does not heed their case.
    pub(super) fields: Map<String, Value>,
    /// The text of a configuration that is a program.
    pub(super) program: String,
    /// What addresses begin with: scheme, host and path.
    pub(super) base: String,
    pub(super) told: Vec<(Place, NoteKind)>,
    pub(super) name: String,
}

impl Config {
    /// Reads the files `names` below `root`; the later ones add to the earlier.
    pub(super) fn read(root: &Path, names: &[String], kind: SiteKind) -> Result<Config, Unread> {
        let mut config = Config { name: root.display().to_string(), ..Config::default() };
        for name in names {
            config.name = root.join(name).display().to_string();
            let added = config.add(root, name, kind);
            added.map_err(|(line, why)| Unread::new(&root.join(name), line, why))?;
        }
        Ok(config)
    }

    fn add(&mut self, root: &Path, name: &str, kind: SiteKind) -> Result<(), (Option<usize>, String)> {
        let text = read_text(&root.join(name)).map_err(|why| (None, why))?;
        let form = match name.rsplit('.').next() {
            Some("toml") => FrontMatterForm::Toml,
            Some("yml" | "yaml") => FrontMatterForm::Yaml,
            Some("json") => FrontMatterForm::Json,
            _ => {
                self.program = literals::without_comments(&text, if kind == SiteKind::Pelican { "#" } else { "//" });
                return Ok(());
            }
        };
        // The reader is that of front matter, which this is none of.
        let said = |reason: SkipReason| reason.to_string().trim_start_matches("front matter is ").to_owned();
        let fields = fields_of(&text, form).map_err(|(line, reason)| (Some(line), said(reason)))?;
        let fields = if kind == SiteKind::Hugo { in_lower_case(fields) } else { fields };
        // `config/_default/permalinks.toml` holds what is below `permalinks`.
        let stem = name.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or_default();
        if name.contains('/') && !matches!(stem, "hugo" | "config" | "_config") {
            self.fields.insert(stem.to_lowercase(), Value::Object(fields));
        } else {
            self.fields.extend(fields);
        }
        Ok(())
    }

    /// Tells that a rule is not followed, and what comes of it.
    pub(super) fn leave_out(&mut self, what: impl Into<String>) {
        let place = Place::file(&self.name);
        self.told.push((place, NoteKind::RuleLeftOut(what.into())));
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        get(&self.fields, key).and_then(text_of)
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        is_true(&self.fields, key)
    }

    pub(super) fn table(&self, key: &str) -> Map<String, Value> {
        get(&self.fields, key).and_then(Value::as_object).cloned().unwrap_or_default()
    }
}

/// Follows the dots of `key`.
pub(super) fn get<'v>(fields: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    match key.split_once('.') {
        None => fields.get(key),
        Some((outer, inner)) => get(fields.get(outer)?.as_object()?, inner),
    }
}

pub(super) fn text(fields: &Map<String, Value>, key: &str) -> Option<String> {
    get(fields, key).and_then(text_of)
}

pub(super) fn is_true(fields: &Map<String, Value>, key: &str) -> bool {
    text(fields, key).is_some_and(|word| word.eq_ignore_ascii_case("true"))
}

pub(super) fn is_false(fields: &Map<String, Value>, key: &str) -> bool {
    text(fields, key).is_some_and(|word| word.eq_ignore_ascii_case("false"))
}

/// Returns a list's texts, or the one text that stands for a list.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(text_of).collect(),
        Some(value) => text_of(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn in_lower_case(fields: Map<String, Value>) -> Map<String, Value> {
    let lower = |value| match value {
        Value::Object(inner) => Value::Object(in_lower_case(inner)),
        other => other,
    };
    fields.into_iter().map(|(key, value)| (key.to_lowercase(), lower(value))).collect()
}

/// Reads a regular file, 32 KiB at most; a link is none, as it may lead out of the site.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    read_up_to(path, CONFIG_BYTES_MAX)
}

/// Reads a file that need not be there.
pub(super) fn read_if_there(path: &Path, bytes_max: u64) -> Result<Option<String>, Unread> {
    match std::fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => Ok(None),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        // A name that no system takes is the name of no file.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidFilename) => Ok(None),
        _ => read_up_to(path, bytes_max).map(Some).map_err(|why| Unread::new(path, None, why)),
    }
}

fn read_up_to(path: &Path, bytes_max: u64) -> Result<String, String> {
    let kind = std::fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !kind.is_file() {
        return Err("not a regular file".to_owned());
    }
    if kind.len() > bytes_max {
        return Err(format!("larger than {bytes_max} bytes"));
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(|error| error.to_string())?.take(bytes_max);
    file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expect: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::io::Write::write_all(&mut File::create(&path).unwrap(), text.as_bytes()).unwrap();
        let config = Config::read(folder.path(), &[name.to_owned()], SiteKind::Hugo);
        let said = match config {
            Ok(config) => Value::Object(config.fields).to_string(),
            Err(unread) => format!("{:?} {}", unread.place.line, unread.why),
        };
        assert!(said.starts_with(expect), "{said}");
    }

    #[test]
    fn configurations_are_read_or_told() {
        check("hugo.toml", "baseURL = 'x'\n[Permalinks]\nposts = 'y'", r#"{"permalinks":{"posts":"y"},"baseurl":"x"}"#);
        check("hugo.yaml", "baseURL: x", r#"{"baseurl":"x"}"#);
        check("hugo.json", "{\"baseURL\": 1}", r#"{"baseurl":1}"#);
        check("hugo.toml", "a = 1\nb =", "Some(2) not valid TOML");
        check("hugo.yaml", &"a: b\n".repeat(9_000), "None larger than 32768 bytes");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_outside_is_not_read() {
        let (outside, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret = outside.path().join("secret.yml");
        std::io::Write::write_all(&mut File::create(&secret).unwrap(), b"baseurl: secret").unwrap();
        assert_eq!(read_text(&secret).as_deref(), Ok("baseurl: secret"));
        std::os::unix::fs::symlink(&secret, site.path().join("_config.yml")).unwrap();
        let config = Config::read(site.path(), &["_config.yml".to_owned()], SiteKind::Jekyll);
        assert_eq!(config.unwrap_err().why, "not a regular file");
    }
}
