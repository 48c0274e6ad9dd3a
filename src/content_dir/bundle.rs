//! Leaf bundles: an `index.md`, or one in another language, makes its folder one article, with
//! everything beside and below it.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use crate::article::{Conventions, Kind};

pub struct Bundles {
    /// Names of files that make their folder a bundle; none where the flavour has no bundles.
    indexes: Vec<String>,
}

impl Bundles {
    pub fn of(conventions: &Conventions) -> Bundles {
        if !conventions.flavour.leaf_bundles {
            return Bundles { indexes: Vec::new() };
        }
        let tags = conventions.declared.languages.iter().map(|language| &language.tag);
        let tagged = tags.flat_map(|tag| [format!(".{tag}"), format!(".{}", tag.to_lowercase())]);
        let kinds = ["md", "markdown", "html", "mdx"];
        let indexes = std::iter::once(String::new())
            .chain(tagged)
            .flat_map(|mark| kinds.map(|kind| format!("index{mark}.{kind}")));
        Bundles { indexes: indexes.collect() }
    }

    /// Of a bundle's folder, its index alone, in all its languages.
    pub fn keep_index(&self, entries: &mut Vec<DirEntry>) {
        let name = |entry: &DirEntry| entry.file_name().to_string_lossy().into_owned();
        if !self.indexes.is_empty()
            && entries.iter().any(|entry| self.indexes.contains(&name(entry)))
        {
            entries.retain(|entry| is_index(&name(entry)));
        }
    }

    /// Where to look when a file changed: an index that comes or goes decides about the files
    /// beside it.
    pub fn place(&self, path: &Path, root: &Path) -> PathBuf {
        let decides = !self.indexes.is_empty() && is_index(&name_of(path)) && path != root;
        let place = if decides { path.parent().unwrap_or(path) } else { path };
        place.to_path_buf()
    }

    /// Whether a file belongs to the bundle of an index beside or above it.
    pub fn has(&self, path: &Path, root: &Path) -> bool {
        let own = usize::from(is_index(&name_of(path)));
        let above = path.ancestors().skip(1 + own);
        let mut folders = above.take_while(|folder| folder.starts_with(root) && *folder != root);
        !self.indexes.is_empty()
            && folders.any(|folder| self.indexes.iter().any(|name| folder.join(name).exists()))
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_index(name: &str) -> bool {
    name.starts_with("index.") && Kind::of(name).is_some()
}
