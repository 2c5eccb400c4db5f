//! Which settings are in force, and where does each come from? Flag before environment before file before default.

use std::fmt;
use std::path::{Path, PathBuf};

use super::args::{Global, typed};
use super::errors::Usage;
use super::post_settings::{POSTS, PostSetting, post_settings};

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Flag,
    Env(String),
    File(PathBuf, usize),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag => f.write_str("flag"),
            Origin::Env(name) => write!(f, "environment, {name}"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
        }
    }
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A path; in the file it is relative to the file's folder.
    Path,
    /// A model: a known name, or a path when it holds a slash or begins with a dot.
    Model,
    Flag,
    Count,
    Score,
    Ratio,
    /// Above 0, or infinite.
    Number,
    /// Texts, one a line.
    List,
    Word(&'static [&'static str]),
}

/// A key of `nextread.toml`, its kind, and its default in words.
pub(super) struct Key {
    pub(super) name: &'static str,
    kind: Kind,
    pub(super) default: &'static str,
}

impl Key {
    pub(super) fn is_list(&self) -> bool {
        self.kind == Kind::List
    }
}

const fn key(name: &'static str, kind: Kind, default: &'static str) -> Key {
    Key { name, kind, default }
}

/// Every key there is. The environment has each as `NEXTREAD_` and the name in capitals.
pub(super) const KEYS: [Key; 23] = [
    key("store", Kind::Path, ".nextread here or in a folder above"),
    key("model", Kind::Model, "all-MiniLM-L6-v2"),
    key("offline", Kind::Flag, "false"),
    key("allow_private", Kind::List, "[]"),
    key("device", Kind::Word(&["cpu", "cuda", "metal", "auto"]), "cpu"),
    key("precision", Kind::Word(&["exact", "balanced", "fast"]), "balanced"),
    key("threads", Kind::Count, "all"),
    key("format", Kind::Word(&["table", "json", "jsonl", "md"]), "table"),
    key("long_texts", Kind::Word(&["windows", "truncate"]), "windows"),
    key("index", Kind::Word(&["flat", "hnsw", "auto"]), "auto: hnsw from 50000 posts, flat below"),
    key("recall", Kind::Ratio, "0.98"),
    key("limit", Kind::Count, "5; path 7"),
    key("closer_than", Kind::Ratio, "0.8"),
    key("min_score", Kind::Score, "that of closer_than"),
    key("diversity", Kind::Ratio, "related, search, next 0.1; path 0.2"),
    key("surprise", Kind::Ratio, "0.3"),
    key("half_life", Kind::Number, "30"),
    key("per_source", Kind::Count, "any number"),
    key("per_author", Kind::Count, "any number"),
    key("per_series", Kind::Count, "any number"),
    key("block", Kind::List, "[]"),
    key("linked", Kind::Word(&["prefer", "ignore", "leave-out"]), "prefer"),
    key("fallback", Kind::Word(&["none", "section", "recent"]), "none"),
];

/// A value with its origin, still as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// The settings of flags, environment and file; those at their default are left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) file: Option<PathBuf>,
    /// What the file wishes of single posts.
    pub(super) posts: Vec<PostSetting>,
    set: Vec<(&'static str, Setting)>,
}

/// The Jaro–Winkler similarity from which one key is taken for a mistyped other: "min_scor" has 0.98, "related" 0.62.
pub(super) const NEAR: f64 = 0.8;

impl Settings {
    /// Reads all layers: `global` flags, `NEXTREAD_*` through `env`, and the file (named, or found above `start`).
    pub(super) fn load(
        global: &Global,
        start: &Path,
        env: &dyn Fn(&str) -> anyhow::Result<Option<String>>,
    ) -> anyhow::Result<Settings> {
        let config = match &global.config {
            Some(path) => Some(path.clone()),
            None => env("NEXTREAD_CONFIG")?.filter(|path| !path.is_empty()).map(PathBuf::from),
        };
        let mut settings = Settings { file: config.or_else(|| find_file(start)), ..Settings::default() };
        if let Some(path) = settings.file.clone() {
            settings.read_file(&path)?;
        }
        for key in &KEYS {
            let name = format!("NEXTREAD_{}", key.name.to_uppercase());
            if let Some(text) = env(&name)?.filter(|text| !text.is_empty()) {
                check(key.kind, &text).map_err(|fault| Usage::new(format!("{name}: {fault}")))?;
                settings.put(key.name, text, Origin::Env(name));
            }
        }
        settings.put_flags(global)?;
        Ok(settings)
    }

    fn put(&mut self, name: &'static str, text: String, origin: Origin) {
        self.set.retain(|(other, _)| *other != name);
        self.set.push((name, Setting { text, origin }));
    }

    /// Adds a flag of one command, such as `--limit`.
    pub(super) fn put_flag(&mut self, name: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.put(name, value.to_string(), Origin::Flag);
        }
    }

    /// Takes a value back, wherever it came from.
    pub(super) fn remove(&mut self, name: &str) {
        self.set.retain(|(set, _)| *set != name);
    }

    fn put_flags(&mut self, global: &Global) -> anyhow::Result<()> {
        if let Some(store) = &global.store {
            let text = store.to_str().ok_or_else(|| Usage::new("--store: not UTF-8; name another folder"))?;
            self.put("store", text.to_owned(), Origin::Flag);
        }
        self.put_flag("model", global.model.as_ref());
        self.put_flag("offline", global.offline.then_some("true"));
        self.put_flag("device", global.device.map(typed));
        self.put_flag("precision", global.precision.map(typed));
        self.put_flag("threads", global.threads);
        self.put_flag("index", global.index.map(typed));
        self.put_flag("recall", global.recall);
        self.put_flag("format", global.format.map(typed));
        self.put_flag("format", global.json.then_some("json"));
        Ok(())
    }

    /// Returns a setting; `None` when it is at its default.
    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.set.iter().find(|(other, _)| *other == name).map(|(_, setting)| setting)
    }

    /// Returns a setting as what it is; every text was checked when it was read.
    pub(super) fn value<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.text.parse().ok()
    }

    fn read_file(&mut self, path: &Path) -> anyhow::Result<()> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|fault| Usage::new(format!("{shown}: {fault}; name a file that can be read with --config")))?;
        let table = toml::de::DeTable::parse(&text).map_err(|fault| {
            let line = fault.span().map_or(1, |span| line_of(&text, span.start));
            Usage::new(format!("{shown}:{line}: {}", fault.message()))
        })?;
        for (name, value) in table.get_ref() {
            let line = line_of(&text, name.span().start);
            if name.get_ref() == POSTS {
                let place = |at: usize| Origin::File(path.to_owned(), line_of(&text, at));
                self.posts = post_settings(value, &place)?;
                continue;
            }
            let key = KEYS.iter().find(|key| key.name == name.get_ref()).ok_or_else(|| {
                Usage::new(format!("{shown}:{line}: unknown key \"{}\"; {}", name.get_ref(), meant(name.get_ref())))
            })?;
            let text = value_text(value.get_ref())
                .filter(|_| fits_type(key.kind, value.get_ref()))
                .ok_or_else(|| Usage::new(format!("{shown}:{line}: {} must be {}", key.name, expected(key.kind))))?;
            check(key.kind, &text).map_err(|fault| Usage::new(format!("{shown}:{line}: {}: {fault}", key.name)))?;
            let is_path = key.kind == Kind::Path || (key.kind == Kind::Model && looks_like_path(&text));
            let text = match path.parent().filter(|_| is_path) {
                Some(folder) => folder.join(&text).display().to_string(),
                None => text,
            };
            self.put(key.name, text, Origin::File(path.to_owned(), line));
        }
        Ok(())
    }
}

/// Tells whether a model is meant as a folder and not as a known name.
pub(super) fn looks_like_path(model: &str) -> bool {
    model.contains(['/', '\\']) || model.starts_with('.')
}

fn find_file(start: &Path) -> Option<PathBuf> {
    start.ancestors().map(|folder| folder.join("nextread.toml")).find(|path| path.is_file())
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|&&byte| byte == b'\n').count()
}

/// Says which key may have been meant, or which keys there are.
fn meant(name: &str) -> String {
    let likeness = |key: &&str| strsim::jaro_winkler(name, key);
    let keys: Vec<&str> = KEYS.iter().map(|key| key.name).chain([POSTS]).collect();
    let nearest = keys.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|key| likeness(key) >= NEAR) {
        Some(key) => format!("did you mean \"{key}\"?"),
        None => format!("the keys are {}", keys.join(", ")),
    }
}

fn value_text(value: &toml::de::DeValue<'_>) -> Option<String> {
    use toml::de::DeValue;
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().replace('_', "")),
        DeValue::Float(number) => Some(number.as_str().replace('_', "")),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Array(list) => {
            let texts: Option<Vec<&str>> = list.iter().map(|value| value.get_ref().as_str()).collect();
            texts.map(|texts| texts.join("\n"))
        }
        _ => None,
    }
}

fn fits_type(kind: Kind, value: &toml::de::DeValue<'_>) -> bool {
    match kind {
        Kind::Flag => value.is_bool(),
        Kind::Count => value.is_integer(),
        Kind::Score | Kind::Ratio | Kind::Number => value.is_float() || value.is_integer(),
        Kind::List => value.is_array(),
        Kind::Path | Kind::Model | Kind::Word(_) => value.is_str(),
    }
}

fn expected(kind: Kind) -> String {
    match kind {
        Kind::Path => "a path in quotes".to_owned(),
        Kind::Model => "a model's name or folder in quotes".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Count => "a whole number from 1 to 65535".to_owned(),
        Kind::Score => "a number from -1 to 1".to_owned(),
        Kind::Ratio => "a number from 0 to 1".to_owned(),
        Kind::Number => "a number above 0, or inf".to_owned(),
        Kind::List => "a list of texts in quotes".to_owned(),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
    }
}

fn check(kind: Kind, text: &str) -> Result<(), String> {
    let good = match kind {
        Kind::Path | Kind::Model => !text.is_empty(),
        Kind::Flag => text.parse::<bool>().is_ok(),
        Kind::Count => text.parse::<u16>().is_ok_and(|count| count > 0),
        Kind::Score => score(text).is_ok(),
        Kind::Ratio => ratio(text).is_ok(),
        Kind::Number => text.parse::<f32>().is_ok_and(|number| number > 0.0),
        Kind::List => true,
        Kind::Word(words) => words.contains(&text),
    };
    if good { Ok(()) } else { Err(format!("must be {}, not \"{text}\"", expected(kind))) }
}

/// Reads a score, −1 to 1.
pub(super) fn score(text: &str) -> Result<f32, String> {
    in_range(text, -1.0, Kind::Score)
}

/// Reads a ratio, 0 to 1.
pub(super) fn ratio(text: &str) -> Result<f32, String> {
    in_range(text, 0.0, Kind::Ratio)
}

fn in_range(text: &str, least: f32, kind: Kind) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (least..=1.0).contains(number));
    number.ok_or_else(|| format!("must be {}", expected(kind)))
}
