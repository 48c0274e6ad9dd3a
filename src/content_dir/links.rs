//! Symbolic links among the articles. Where one leads through, a change is one of its article.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows on one way.
const LONGEST: usize = 40;

/// What a link, and each link on its way, leads to; the last place is where the file lies.
pub fn way(link: &Path) -> Vec<PathBuf> {
    let (mut places, mut at, mut follows) = (Vec::new(), PathBuf::new(), 0);
    let mut rest: Vec<PathBuf> = vec![link.to_path_buf()];
    while let Some(part) = rest.pop() {
        let mut components = part.components();
        let Some(first) = components.next() else { continue };
        rest.push(components.as_path().to_path_buf());
        match first {
            Component::ParentDir => drop(at.pop()),
            Component::Normal(name) => at.push(name),
            Component::CurDir => {}
            root => at = PathBuf::from(root.as_os_str()),
        }
        if let Ok(target) = std::fs::read_link(&at) {
            follows += 1;
            if follows > LONGEST {
                break;
            }
            places.push(at.clone());
            at.pop();
            rest.push(target);
        }
    }
    places.push(at);
    places.retain(|place| place != link);
    places
}

/// The links that were followed, and what they lead through.
#[derive(Debug, Default)]
pub struct Links {
    ways: BTreeMap<PathBuf, Vec<PathBuf>>,
    through: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Links {
    /// Of the links at and below some places, those that were found there are all.
    pub fn replace(
        &mut self,
        places: &[PathBuf],
        found: impl IntoIterator<Item = (PathBuf, Vec<PathBuf>)>,
    ) {
        for place in places {
            let gone: Vec<PathBuf> =
                at_or_below(&self.ways, place).map(|(l, _)| l.clone()).collect();
            for link in gone {
                self.remove(&link);
            }
        }
        for (link, way) in found {
            self.remove(&link);
            for place in &way {
                self.through.entry(place.clone()).or_default().insert(link.clone());
            }
            self.ways.insert(link, way);
        }
    }

    fn remove(&mut self, link: &Path) {
        for place in self.ways.remove(link).unwrap_or_default() {
            if let Some(links) = self.through.get_mut(&place) {
                links.remove(link);
                if links.is_empty() {
                    self.through.remove(&place);
                }
            }
        }
    }

    /// The links that lead through a place, or through one below it.
    pub fn through<'a>(&'a self, place: &'a Path) -> impl Iterator<Item = &'a Path> {
        at_or_below(&self.through, place).flat_map(|(_, links)| links).map(PathBuf::as_path)
    }
}

/// Paths are ordered by their parts: what lies below a place follows it.
fn at_or_below<'a, T>(
    map: &'a BTreeMap<PathBuf, T>,
    place: &'a Path,
) -> impl Iterator<Item = (&'a PathBuf, &'a T)> {
    map.range::<Path, _>((Bound::Included(place), Bound::Unbounded))
        .take_while(move |(path, _)| path.starts_with(place))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_way_is_all_that_it_leads_through() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("..1/sub")).unwrap();
        std::fs::write(root.join("..1/sub/a.md"), "A").unwrap();
        symlink("..1", root.join("..data")).unwrap();
        symlink("./..data/sub/../sub/a.md", root.join("a.md")).unwrap();
        assert_eq!(way(&root.join("a.md")), [root.join("..data"), root.join("..1/sub/a.md")]);
        // To nowhere, and round in a circle: they end.
        symlink(root.join("b.md"), root.join("c.md")).unwrap();
        assert_eq!(way(&root.join("c.md")), [root.join("b.md")]);
        symlink("c.md", root.join("b.md")).unwrap();
        assert!(way(&root.join("c.md")).len() <= LONGEST + 1);
    }

    #[test]
    fn links_are_told_by_what_they_lead_through() {
        let path = |name: &str| PathBuf::from(name);
        let told = |links: &Links, place: &str| -> Vec<PathBuf> {
            links.through(Path::new(place)).map(Path::to_path_buf).collect()
        };
        let mut links = Links::default();
        let found = [
            (path("/r/a"), vec![path("/r/data"), path("/r/1/a")]),
            (path("/r/x/b"), vec![path("/r/data"), path("/r/1/b")]),
        ];
        links.replace(&[path("/r")], found);
        assert_eq!(told(&links, "/r/data"), [path("/r/a"), path("/r/x/b")]);
        assert_eq!(told(&links, "/r/1/b"), [path("/r/x/b")]);
        assert_eq!(told(&links, "/r/1"), [path("/r/a"), path("/r/x/b")]);
        assert!(told(&links, "/r/da").is_empty());
        links.replace(&[path("/r/x")], []);
        assert_eq!(told(&links, "/r/data"), [path("/r/a")]);
        links.replace(&[path("/r")], []);
        assert!(links.through.is_empty() && links.ways.is_empty());
    }
}
