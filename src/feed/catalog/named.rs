//! Articles by their names.

use super::{Catalog, Finder, Known, Slot};
use crate::article::internal::anywhere;

impl Catalog {
    /// The article that a link asks for: at a path, or the one of a name below a folder; `None`
    /// where there are several.
    pub fn asked_for(&self, asked: &str) -> Option<Known> {
        self.at_path(asked).or_else(|| {
            let (folder, name) = anywhere::asked_name(asked)?;
            self.named(folder, name)
        })
    }

    fn named(&self, folder: &str, name: &str) -> Option<Known> {
        let names = self.by_name.get_or_init(|| {
            Finder::by(|packed| anywhere::name(packed.path()).as_bytes()).filled(&self.stands)
        });
        // A bundle is found by its folder, whatever language its file ends with.
        let bare = name.rsplit_once('.').map(|(bare, _)| bare);
        let is_meant = |slot: &Slot| {
            let path = self.packed(*slot).path();
            let below = path.strip_prefix(folder);
            below.is_some_and(|rest| folder.is_empty() || rest.starts_with('/'))
                && anywhere::is_named(path, name)
                && self.slot_at(path) == Some(*slot)
        };
        let keys = std::iter::once(name).chain(bare);
        let mut found =
            keys.flat_map(|key| names.find(&self.stands, key.as_bytes())).filter(is_meant);
        match (found.next(), found.next()) {
            (Some(slot), None) => Some(self.packed(slot).known()),
            _ => None,
        }
    }
}
