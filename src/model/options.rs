//! What decides where a model comes from? Everything that the environment and the command line may say, in one place.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::error::ModelError;
use super::manifest::Manifest;

/// Where the hub is unless `HF_ENDPOINT` says otherwise.
const HUB: &str = "https://huggingface.co";

/// Which model, and where it may come from. Nothing else in this module reads the environment.
///
/// The hub's own client reads one thing more: the usual proxy variables.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which model is asked for.
    pub wanted: Wanted,
    /// The models that are known by name; the first is the default.
    pub known: Vec<Manifest>,
    /// The folder that stands for the default model (`NEXTREAD_MODEL_DIR`).
    pub folder: Option<PathBuf>,
    /// Where the search for `models/<name>/` begins; it goes up from there. Relative paths are relative to it.
    pub start: PathBuf,
    /// Our cache: a model lies in `<name>/<revision>/` below it. Models are fetched into it.
    pub cache: Option<PathBuf>,
    /// The cache that Hugging Face's tools keep, with `models--<owner>--<name>/` below it. Only read.
    pub hub_cache: Option<PathBuf>,
    /// Whether anything may be fetched.
    pub network: Network,
    /// How the hub is asked.
    pub hub: HubOptions,
    /// How the mirror is asked.
    pub mirror: MirrorOptions,
}

/// Which model is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Wanted {
    /// `NEXTREAD_MODEL_DIR` where set, else the first known model.
    #[default]
    Default,
    /// What was typed: a known model's name or repository, else the path of a folder.
    Typed(String),
}

/// Whether anything may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// What is not on this machine is fetched.
    #[default]
    Allowed,
    /// Nothing is fetched (`--offline`, `HF_HUB_OFFLINE`).
    Offline,
}

/// How the hub is asked.
#[derive(Debug, Clone)]
pub struct HubOptions {
    /// The URL before `/<owner>/<name>` (`HF_ENDPOINT`).
    pub endpoint: String,
    /// Who asks (`HF_TOKEN`).
    pub token: Option<Token>,
    /// How long the first answer may take, name look-up and connection included; 5 s.
    pub answer_max: Duration,
    /// How long nothing may arrive after that; 10 s.
    pub silence_max: Duration,
}

/// A secret that never shows in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How the mirror is asked.
#[derive(Debug, Clone)]
pub struct MirrorOptions {
    /// The program that is pip, and its first arguments: `python3 -m pip`.
    pub pip: Vec<OsString>,
    /// How long it may run; 10 min.
    pub run_max: Duration,
}

impl Default for HubOptions {
    fn default() -> HubOptions {
        HubOptions {
            endpoint: HUB.to_owned(),
            token: None,
            answer_max: Duration::from_secs(5),
            silence_max: Duration::from_secs(10),
        }
    }
}

impl Default for MirrorOptions {
    fn default() -> MirrorOptions {
        let python = if cfg!(windows) { "python" } else { "python3" };
        MirrorOptions { pip: [python, "-m", "pip"].map(OsString::from).to_vec(), run_max: Duration::from_secs(600) }
    }
}

impl Options {
    /// Reads the environment, the user's folders and the current folder.
    ///
    /// `NEXTREAD_MODEL_DIR`, `HF_HUB_CACHE`, `HF_HOME`, `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`; an empty value
    /// counts as none. The caller then sets [`Options::wanted`] and [`Options::network`] from what was typed.
    ///
    /// # Errors
    /// There is no current folder.
    pub fn from_env() -> Result<Options, ModelError> {
        let start = std::env::current_dir().map_err(ModelError::CurrentFolder)?;
        Options::read(start, dirs::cache_dir(), dirs::home_dir(), |name| std::env::var_os(name))
    }

    fn read(
        start: PathBuf,
        cache: Option<PathBuf>,
        home: Option<PathBuf>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Options, ModelError> {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| value(name).map(|value| value.to_string_lossy().trim().to_owned());
        let folder = |name: &str| value(name).map(|path| start.join(path));
        let user_cache = folder("XDG_CACHE_HOME").or_else(|| home.map(|home| home.join(".cache")));
        let hub_home = folder("HF_HOME").or_else(|| user_cache.map(|cache| cache.join("huggingface")));
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| HUB.to_owned());
        let hub = HubOptions {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: text("HF_TOKEN").map(Token),
            ..HubOptions::default()
        };
        Ok(Options {
            wanted: Wanted::Default,
            known: Manifest::built_in()?,
            folder: folder("NEXTREAD_MODEL_DIR"),
            cache: cache.map(|cache| cache.join("nextread").join("models")),
            hub_cache: folder("HF_HUB_CACHE").or_else(|| hub_home.map(|home| home.join("hub"))),
            network: if text("HF_HUB_OFFLINE").is_some_and(|text| is_yes(&text)) {
                Network::Offline
            } else {
                Network::Allowed
            },
            hub,
            mirror: MirrorOptions::default(),
            start,
        })
    }
}

/// The words that Hugging Face's own tools take for yes.
fn is_yes(word: &str) -> bool {
    ["1", "on", "yes", "true"].iter().any(|yes| word.eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Options {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        Options::read("/here".into(), Some("/cache".into()), Some("/home/u".into()), variable).unwrap()
    }

    fn check_hub_cache(variables: &[(&str, &str)], expect: &str) {
        assert_eq!(read(variables).hub_cache, Some(PathBuf::from(expect)), "{variables:?}");
    }

    #[test]
    fn the_hub_cache_is_where_its_own_tools_look() {
        check_hub_cache(&[], "/home/u/.cache/huggingface/hub");
        check_hub_cache(&[("XDG_CACHE_HOME", "/x")], "/x/huggingface/hub");
        check_hub_cache(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")], "/h/hub");
        check_hub_cache(&[("HF_HUB_CACHE", "/c"), ("HF_HOME", "/h")], "/c");
        check_hub_cache(&[("HF_HUB_CACHE", ""), ("HF_HOME", "h")], "/here/h/hub");
    }

    #[test]
    fn offline_is_said_in_four_words() {
        for word in ["1", "ON", "Yes", "true"] {
            assert_eq!(read(&[("HF_HUB_OFFLINE", word)]).network, Network::Offline, "{word}");
        }
        for word in ["", "0", "no", "off"] {
            assert_eq!(read(&[("HF_HUB_OFFLINE", word)]).network, Network::Allowed, "{word}");
        }
    }

    #[test]
    fn reads_the_rest() {
        let options = read(&[("NEXTREAD_MODEL_DIR", "m"), ("HF_ENDPOINT", "http://h/"), ("HF_TOKEN", "secret")]);
        assert_eq!(options.folder, Some(PathBuf::from("/here/m")));
        assert_eq!(options.cache, Some(PathBuf::from("/cache/nextread/models")));
        assert_eq!(options.hub.endpoint, "http://h");
        assert_eq!(options.hub.token, Some(Token("secret".to_owned())));
        assert!(!format!("{options:?}").contains("secret"));
        assert_eq!(read(&[]).hub.endpoint, HUB);
    }
}
