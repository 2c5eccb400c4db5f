//! The settings in force and where each comes from, as a `nextread.toml` that says the same.

use super::post_settings::{POSTS, PostSetting};
use super::session::Session;
use super::settings::{KEYS, Key};
use crate::output::{self, Format};

pub(super) fn run(session: &Session<'_>) -> anyhow::Result<()> {
    let settings = &session.settings;
    let text = match session.format() {
        format @ (Format::Json | Format::JsonLines) => {
            let object = KEYS.iter().map(|key| {
                let setting = settings.get(key.name);
                let value = setting.map_or(key.default, |setting| setting.text.as_str());
                let origin = setting.map_or_else(|| "default".to_owned(), |setting| setting.origin.to_string());
                (key.name.to_owned(), serde_json::json!({"value": value, "origin": origin}))
            });
            let posts = settings.posts.iter().map(|post| {
                let value = serde_json::json!({"value": post.wishes, "origin": post.origin.to_string()});
                (post.name.clone(), value)
            });
            let mut object: serde_json::Map<_, _> = object.collect();
            object.insert(POSTS.to_owned(), serde_json::Value::Object(posts.collect()));
            let object = serde_json::Value::Object(object);
            if format == Format::Json { output::json(&object)? } else { output::json_line(&object)? }
        }
        Format::Table | Format::Markdown => KEYS
            .iter()
            .map(|key| match settings.get(key.name) {
                Some(setting) => {
                    format!("{} = {}  # {}\n", key.name, toml_value(key, &setting.text), setting.origin)
                }
                None => format!("# {} = {}  (default)\n", key.name, key.default),
            })
            .chain(settings.posts.iter().map(post_table))
            .collect(),
    };
    session.console.data(&text)?;
    if let (None, Some(folder)) = (settings.get("model"), session.model_options()?.folder) {
        session.console.note(&format!("NEXTREAD_MODEL_DIR is set: the model is that in {}", folder.display()));
    }
    match &settings.file {
        Some(path) => session.console.note(&format!("read from {}", path.display())),
        None => session.console.note("no nextread.toml here or in a folder above"),
    }
    Ok(())
}

/// Writes what is wished of a post as a table.
fn post_table(post: &PostSetting) -> String {
    let name = toml::Value::String(post.name.clone());
    let fields = toml::to_string(&post.wishes).unwrap_or_default();
    format!("\n[{POSTS}.{name}]  # {}\n{fields}", post.origin)
}

fn toml_value(key: &Key, text: &str) -> String {
    if key.is_list() {
        let texts = text.lines().map(|line| toml::Value::String(line.to_owned())).collect();
        return toml::Value::Array(texts).to_string();
    }
    let plain = text.parse::<f64>().is_ok() || text.parse::<bool>().is_ok();
    if plain { text.to_owned() } else { toml::Value::String(text.to_owned()).to_string() }
}
