//! What do the files of the folders above a page hand down to it? Fields, each folder asked once.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::sources::reasons::NoteKind;
use crate::sources::report::Place;

/// Something that is there and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) place: Place,
    pub(super) why: String,
}

impl Unread {
    pub(super) fn new(file: &Path, line: Option<usize>, why: impl Into<String>) -> Unread {
        Unread { place: Place { file: file.display().to_string(), line }, why: why.into() }
    }

    /// Says why what hangs on it has no address.
    pub(super) fn as_reason(&self) -> String {
        format!("{} cannot be read", self.place)
    }
}

/// What each folder hands down, or why that cannot be told.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    folders: HashMap<String, Result<Map<String, Value>, Unread>>,
}

impl Inherited {
    /// Returns what hands fields down to the page at `path`, the nearest folder first, up to the first `top` bytes of the
    /// path; `read` is asked once a folder, and what it cannot read is told once.
    pub(super) fn complete(
        &mut self,
        (path, top): (&str, usize),
        read: impl Fn(&str) -> Result<Map<String, Value>, Unread>,
        fields: &mut Map<String, Value>,
        told: &mut Vec<(Place, NoteKind)>,
    ) {
        for folder in above(path, top) {
            let handed = self.folders.entry(folder.to_owned()).or_insert_with(|| {
                let handed = read(folder);
                if let Err(Unread { place, why }) = &handed {
                    told.push((place.clone(), NoteKind::ConfigUnread(why.clone())));
                }
                handed
            });
            for (key, value) in handed.iter().flatten() {
                fields.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    /// Returns what could not be read above a page.
    pub(super) fn unread(&self, path: &str) -> Option<&Unread> {
        above(path, 0).find_map(|folder| self.folders.get(folder)?.as_ref().err())
    }
}

/// Names the folders of a path, the innermost first, up to one as long as `top` bytes.
fn above(path: &str, top: usize) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at]).filter(move |folder| folder.len() + 1 >= top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_comes_first_and_what_is_unread_is_told_once() {
        let read = |folder: &str| match folder {
            "a/b" => Ok(Map::from_iter([("x".to_owned(), Value::from(1))])),
            "a" => Ok(Map::from_iter([("x".to_owned(), Value::from(2)), ("y".to_owned(), Value::from(2))])),
            _ => Err(Unread::new(Path::new("bad/bad.json"), Some(3), "torn")),
        };
        let (mut all, mut told) = (Inherited::default(), Vec::new());
        let mut fields = Map::new();
        all.complete(("a/b/c.md", 0), read, &mut fields, &mut told);
        assert_eq!(Value::Object(fields).to_string(), r#"{"x":1,"y":2}"#);
        for page in ["bad/c.md", "bad/d.md"] {
            all.complete((page, 0), read, &mut Map::new(), &mut told);
            assert_eq!(all.unread(page).unwrap().as_reason(), "bad/bad.json:3 cannot be read");
        }
        assert_eq!((told.len(), all.unread("a/b/c.md")), (1, None));
        assert_eq!(above("a/b/c.md", 3).collect::<Vec<_>>(), ["a/b"]);
    }
}
