//! The embedding model: list, pull, verify, path.

use super::args::Model;
use super::session::Session;
use crate::model::{self, Listed, Origin, Wanted};
use crate::output::{self, Format};

pub(super) fn run(session: &Session<'_>, command: &Model) -> anyhow::Result<()> {
    match command {
        Model::List => list(session),
        Model::Pull { name } => pull(session, name.as_deref()),
        Model::Verify => verify(session),
        Model::Path => {
            let path = model::path(&session.model_options()?)?;
            session.console.data(&format!("{}\n", path.display()))
        }
    }
}

fn list(session: &Session<'_>) -> anyhow::Result<()> {
    let options = session.model_options()?;
    if let (Wanted::Default, Some(folder)) = (&options.wanted, &options.folder) {
        session.console.note(&format!("NEXTREAD_MODEL_DIR is set: {} is used", folder.display()));
    }
    let listed = model::list(&options);
    let place = |listed: &Listed| listed.found().map(|place| place.path.display().to_string());
    let text = match session.format() {
        format @ (Format::Json | Format::JsonLines) => {
            let object = |listed: &Listed| {
                let manifest = &listed.manifest;
                serde_json::json!({
                    "name": manifest.name, "repository": manifest.repository, "revision": manifest.revision,
                    "licence": manifest.licence, "dimension": manifest.dimension,
                    "size_bytes": manifest.size_bytes(), "path": place(listed),
                })
            };
            let objects = listed.iter().map(object);
            match format {
                Format::JsonLines => objects.map(|object| object.to_string() + "\n").collect(),
                _ => output::json(&objects.collect::<Vec<_>>())?,
            }
        }
        Format::Table | Format::Markdown => {
            let row = |listed: &Listed| {
                let manifest = &listed.manifest;
                [
                    manifest.name.clone(),
                    format!("{:.0} MB", manifest.size_bytes() as f64 / 1e6),
                    manifest.licence.clone(),
                    format!("{} dimensions", manifest.dimension),
                    place(listed).unwrap_or_else(|| "not here; nextread model pull".to_owned()),
                ]
            };
            output::rows(listed.iter().map(row), session.console.columns())
        }
    };
    session.console.data(&text)
}

fn pull(session: &Session<'_>, name: Option<&str>) -> anyhow::Result<()> {
    let mut options = session.model_options()?;
    if let Some(name) = name {
        options.wanted = Wanted::Typed(name.to_owned());
    }
    let folder = session.watch_model(|watch| Ok(model::pull(&options, watch)?))?;
    let how = match folder.origin {
        Origin::Hub | Origin::Mirror => format!("fetched from {}", folder.origin),
        _ => "was here already".to_owned(),
    };
    session.console.note(&format!("{} {how}: {}", folder.name, folder.path.display()));
    Ok(())
}

fn verify(session: &Session<'_>) -> anyhow::Result<()> {
    let verified = model::verify(&session.model_options()?)?;
    let bad = verified.files.iter().filter(|file| !file.is_sound()).count();
    let text = match session.format() {
        format @ (Format::Json | Format::JsonLines) => {
            let files = verified.files.iter();
            let files: Vec<_> =
                files.map(|file| serde_json::json!({"file": file.name, "state": file.state.to_string()})).collect();
            let report = serde_json::json!({"path": verified.path, "sound": verified.is_sound(), "files": files});
            if format == Format::Json { output::json(&report)? } else { output::json_line(&report)? }
        }
        Format::Table | Format::Markdown => {
            let rows = verified.files.iter().map(|file| [file.name.clone(), file.state.to_string()]);
            output::rows(rows, session.console.columns())
        }
    };
    session.console.data(&text)?;
    anyhow::ensure!(
        bad == 0,
        "{}: {bad} of {} files are not what they should be; run `nextread model pull`",
        verified.path.display(),
        verified.files.len()
    );
    Ok(())
}
