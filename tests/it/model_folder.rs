//! Where do the tests find the model?

use std::path::{Path, PathBuf};

const IN_CACHE: &str = "nextread/models/all-MiniLM-L6-v2/1110a243fdf4706b3f48f1d95db1a4f5529b4d41";

/// Returns the folder of all-MiniLM-L6-v2: `NEXTREAD_MODEL_DIR`, beside the project, or in the user's cache.
pub(crate) fn model_folder() -> PathBuf {
    let named = std::env::var_os("NEXTREAD_MODEL_DIR").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/all-MiniLM-L6-v2");
    let cached = dirs::cache_dir().map(|cache| cache.join(IN_CACHE));
    let mut places = named.into_iter().chain([beside]).chain(cached);
    let found = places.find(|folder| folder.join("model.safetensors").is_file());
    found.expect("the tests need the model: run `just model` first, or set NEXTREAD_MODEL_DIR to its folder")
}
