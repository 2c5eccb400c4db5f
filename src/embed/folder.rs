//! What does the model's folder ask for? The configuration files of a sentence-transformer, and nothing assumed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{EmbedError, Pooling};

/// What the files of a sentence-transformer folder say, checked against what this encoder does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ModelFolder {
    pub(super) config: BertConfig,
    pub(super) pooling: Pooling,
    /// Word pieces of a sequence, special tokens included.
    pub(super) limit: usize,
    /// Whether texts are lower-cased before the tokenizer sees them (the tokenizer may do so by itself).
    pub(super) lower_case: bool,
    pub(super) tokenizer: PathBuf,
    pub(super) weights: PathBuf,
}

/// The shape of a BERT encoder, from `config.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct BertConfig {
    model_type: String,
    pub(super) vocab_size: usize,
    pub(super) hidden_size: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) intermediate_size: usize,
    hidden_act: String,
    pub(super) max_position_embeddings: usize,
    pub(super) type_vocab_size: usize,
    pub(super) layer_norm_eps: f64,
    #[serde(default = "absolute")]
    position_embedding_type: String,
}

fn absolute() -> String {
    "absolute".to_owned()
}

/// The activation of the feed-forward layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    /// GELU by the error function.
    Gelu,
    /// GELU by its approximation with tanh.
    GeluTanh,
    Relu,
}

#[derive(Deserialize)]
struct ModuleEntry {
    path: String,
    r#type: String,
}

#[derive(Deserialize)]
struct TransformerConfig {
    max_seq_length: Option<usize>,
    #[serde(default)]
    do_lower_case: bool,
}

#[derive(Deserialize)]
struct PoolingConfig {
    #[serde(alias = "embedding_dimension")]
    word_embedding_dimension: usize,
    /// The form that sentence-transformers writes since version 5.
    pooling_mode: Option<String>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct PromptConfig {
    default_prompt_name: Option<String>,
}

impl ModelFolder {
    /// Reads the configuration files; weights and tokenizer are located, not opened.
    pub(super) fn read(folder: &Path) -> Result<ModelFolder, EmbedError> {
        let modules = folder.join("modules.json");
        let (transformer, pooling) = module_folders(folder, &modules, &read_json::<Vec<ModuleEntry>>(&modules)?)?;
        refuse_default_prompt(&folder.join("config_sentence_transformers.json"))?;
        let config = BertConfig::read(&transformer.join("config.json"))?;
        let pooling = read_pooling(&pooling.join("config.json"), config.hidden_size)?;
        let (limit, lower_case) = read_limit(&transformer, config.max_position_embeddings)?;
        let weights = transformer.join("model.safetensors");
        let pickle = transformer.join("pytorch_model.bin");
        if !weights.exists() && pickle.exists() {
            return Err(EmbedError::Pickle { path: pickle });
        }
        Ok(ModelFolder { config, pooling, limit, lower_case, tokenizer: transformer.join("tokenizer.json"), weights })
    }
}

impl BertConfig {
    fn read(path: &Path) -> Result<BertConfig, EmbedError> {
        #[derive(Deserialize)]
        struct Kind {
            model_type: String,
        }
        // The kind first: another kind's config has other keys, and "missing field" would not say why.
        let Kind { model_type } = read_json(path)?;
        supported(path, "model type", &model_type, &["bert"], "bert")?;
        let config: BertConfig = read_json(path)?;
        supported(path, "position embedding", &config.position_embedding_type, &["absolute"], "absolute")?;
        config.parse_activation().ok_or_else(|| EmbedError::Unsupported {
            path: path.to_owned(),
            thing: "activation",
            found: config.hidden_act.clone(),
            supported: "gelu, gelu_new, relu",
        })?;
        if config.num_attention_heads == 0 || !config.hidden_size.is_multiple_of(config.num_attention_heads) {
            return Err(EmbedError::Contradiction {
                path: path.to_owned(),
                key: "hidden_size",
                found: config.hidden_size,
                expected: format!("a multiple of the {} attention heads", config.num_attention_heads),
            });
        }
        Ok(config)
    }

    /// Returns the activation; its name was checked when the file was read.
    pub(super) fn activation(&self) -> Activation {
        self.parse_activation().unwrap_or(Activation::Gelu)
    }

    fn parse_activation(&self) -> Option<Activation> {
        match self.hidden_act.as_str() {
            "gelu" => Some(Activation::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" => Some(Activation::GeluTanh),
            "relu" => Some(Activation::Relu),
            _ => None,
        }
    }
}

/// Reads a whole file, telling a missing one from an unreadable one.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, EmbedError> {
    std::fs::read(path).map_err(|source| unreadable(path, source))
}

pub(super) fn unreadable(path: &Path, source: std::io::Error) -> EmbedError {
    match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => EmbedError::Missing { path: path.to_owned() },
        _ => EmbedError::Read { path: path.to_owned(), source },
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, EmbedError> {
    serde_json::from_slice(&read(path)?).map_err(|source| EmbedError::Json { path: path.to_owned(), source })
}

/// As [`read_json`], for a file that a folder need not have.
fn read_json_if_there<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, EmbedError> {
    match read_json(path) {
        Err(EmbedError::Missing { .. }) => Ok(None),
        read => read.map(Some),
    }
}

fn supported(
    path: &Path,
    thing: &'static str,
    found: &str,
    known: &[&str],
    supported: &'static str,
) -> Result<(), EmbedError> {
    if known.contains(&found) {
        return Ok(());
    }
    Err(EmbedError::Unsupported { path: path.to_owned(), thing, found: found.to_owned(), supported })
}

/// Returns the folders of the transformer and of the pooling.
///
/// A `Normalize` module need not be looked at: every vector that leaves is a unit vector.
fn module_folders(folder: &Path, file: &Path, modules: &[ModuleEntry]) -> Result<(PathBuf, PathBuf), EmbedError> {
    const SUPPORTED: &str = "Transformer, Pooling, Normalize, in this order";
    let kind = |module: &ModuleEntry| module.r#type.rsplit('.').next().unwrap_or_default().to_owned();
    let kinds: Vec<String> = modules.iter().map(kind).collect();
    for kind in &kinds {
        supported(file, "module", kind, &["Transformer", "Pooling", "Normalize"], SUPPORTED)?;
    }
    let order: Vec<&str> = kinds.iter().map(String::as_str).collect();
    if !matches!(order.as_slice(), ["Transformer", "Pooling"] | ["Transformer", "Pooling", "Normalize"]) {
        supported(file, "order of modules", &order.join(", "), &[], SUPPORTED)?;
    }
    for module in modules {
        let inside = Path::new(&module.path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !inside {
            supported(file, "module path", &module.path, &[], "a folder inside the model's folder")?;
        }
    }
    Ok((folder.join(&modules[0].path), folder.join(&modules[1].path)))
}

fn refuse_default_prompt(path: &Path) -> Result<(), EmbedError> {
    match read_json_if_there(path)? {
        Some(PromptConfig { default_prompt_name: Some(name) }) => {
            supported(path, "default prompt", &name, &[], "models that take texts as they are")
        }
        _ => Ok(()),
    }
}

fn read_pooling(path: &Path, hidden_size: usize) -> Result<Pooling, EmbedError> {
    const PREFIX: &str = "pooling_mode_";
    let config: PoolingConfig = read_json(path)?;
    if config.word_embedding_dimension != hidden_size {
        return Err(EmbedError::Contradiction {
            path: path.to_owned(),
            key: "word_embedding_dimension",
            found: config.word_embedding_dimension,
            expected: format!("the hidden_size of config.json, {hidden_size}"),
        });
    }
    let switched_on = config.rest.iter().filter(|(key, value)| key.starts_with(PREFIX) && **value == true);
    let old_form = || switched_on.map(|(key, _)| &key[PREFIX.len()..]).collect::<Vec<_>>().join(" + ");
    let mode = config.pooling_mode.clone().unwrap_or_else(old_form);
    match mode.as_str() {
        "mean" | "mean_tokens" => Ok(Pooling::Mean),
        "cls" | "cls_token" => Ok(Pooling::Cls),
        "max" | "max_tokens" => Ok(Pooling::Max),
        _ => Err(EmbedError::Unsupported {
            path: path.to_owned(),
            thing: "pooling",
            found: mode,
            supported: "mean, cls or max, one of them",
        }),
    }
}

/// Returns the most word pieces of a sequence and whether texts are lower-cased.
///
/// Without `max_seq_length` the model's own number of positions holds, as in sentence-transformers.
fn read_limit(transformer: &Path, positions: usize) -> Result<(usize, bool), EmbedError> {
    let path = transformer.join("sentence_bert_config.json");
    let config = read_json_if_there(&path)?;
    let config = config.unwrap_or(TransformerConfig { max_seq_length: None, do_lower_case: false });
    let limit = config.max_seq_length.unwrap_or(positions);
    if limit > positions {
        return Err(EmbedError::Contradiction {
            path,
            key: "max_seq_length",
            found: limit,
            expected: format!("at most the max_position_embeddings of config.json, {positions}"),
        });
    }
    Ok((limit, config.do_lower_case))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test's own files need no atomic rename")]
mod tests {
    use std::fs;

    use super::*;

    const MODULES: &str = r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
        {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#;
    const CONFIG: &str = r#"{"model_type": "bert", "vocab_size": 10, "hidden_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 16, "hidden_act": "gelu", "max_position_embeddings": 32,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12}"#;
    const POOLING: &str = r#"{"word_embedding_dimension": 8, "pooling_mode_cls_token": false,
        "pooling_mode_mean_tokens": true}"#;
    const LIMIT: &str = r#"{"max_seq_length": 16, "do_lower_case": true}"#;

    /// Reads a folder in which `file` holds `content` instead of what belongs there; "" takes it away.
    fn read_with(file: &str, content: &str) -> Result<ModelFolder, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("1_Pooling")).unwrap();
        let usual = [
            ("modules.json", MODULES),
            ("config.json", CONFIG),
            ("1_Pooling/config.json", POOLING),
            ("sentence_bert_config.json", LIMIT),
        ];
        for (name, content) in usual.into_iter().filter(|(name, _)| *name != file).chain([(file, content)]) {
            if !content.is_empty() {
                fs::write(folder.path().join(name), content).unwrap();
            }
        }
        ModelFolder::read(folder.path()).map_err(|error| {
            error.to_string().replace(&format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR), "")
        })
    }

    fn check_error(file: &str, content: &str, expect: &str) {
        let error = read_with(file, content).unwrap_err();
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn the_folder_decides() {
        let folder = read_with("notes.txt", "").unwrap();
        assert_eq!((folder.pooling, folder.limit, folder.lower_case), (Pooling::Mean, 16, true));
        assert_eq!(folder.config.activation(), Activation::Gelu);
        let folder = read_with("sentence_bert_config.json", "").unwrap();
        assert_eq!((folder.limit, folder.lower_case), (32, false));
        for (mode, pooling) in [("mean", Pooling::Mean), ("cls", Pooling::Cls), ("max", Pooling::Max)] {
            let new_form = format!(r#"{{"embedding_dimension": 8, "pooling_mode": "{mode}"}}"#);
            assert_eq!(read_with("1_Pooling/config.json", &new_form).unwrap().pooling, pooling);
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let dense = MODULES.replace("models.Pooling", "models.Dense");
        check_error("modules.json", &dense, "modules.json: module \"Dense\" is not supported");
        check_error("modules.json", "[]", "order of modules \"\" is not supported");
        check_error("modules.json", &MODULES.replace("1_Pooling", "../x"), "module path \"../x\" is not supported");
        check_error("modules.json", "", "modules.json: no such file");
        check_error("modules.json", "[\n{]", "modules.json:2: ");
        check_error("config.json", r#"{"model_type": "mpnet"}"#, "model type \"mpnet\" is not supported");
        check_error("config.json", &CONFIG.replace("gelu", "swish"), "activation \"swish\" is not supported");
        check_error("config.json", &CONFIG.replace("\"hidden_size\": 8", "\"hidden_size\": 9"), "multiple of the 2");
        let two = POOLING.replace("cls_token\": false", "cls_token\": true");
        check_error("1_Pooling/config.json", &two, "pooling \"cls_token + mean_tokens\" is not supported");
        check_error("1_Pooling/config.json", &POOLING.replace('8', "9"), "word_embedding_dimension is 9 but must be");
        check_error(
            "sentence_bert_config.json",
            r#"{"max_seq_length": 64}"#,
            "max_seq_length is 64 but must be at most",
        );
        check_error("pytorch_model.bin", "x", "weights in pickle files are never opened");
        let prompt = r#"{"default_prompt_name": "query"}"#;
        check_error("config_sentence_transformers.json", prompt, "default prompt \"query\" is not supported");
    }
}
