//! Articles that are asked for by their names alone, wherever they lie below a folder: Hugo's
//! `ref "name"`, Jekyll's `post_url` of a post in some folder.

/// The last folder of what is asked for so.
const ANY: &str = "*";

/// What asks for the one article of a name below a folder. No path of a file is likely to be this.
pub fn anywhere(folder: &str, name: &str) -> String {
    let folder = folder.trim_matches('/');
    if folder.is_empty() { format!("{ANY}/{name}") } else { format!("{folder}/{ANY}/{name}") }
}

/// The folder and the name, if something asks for a name.
pub fn asked_name(asked: &str) -> Option<(&str, &str)> {
    let (rest, name) = asked.rsplit_once('/')?;
    let folder = if rest == ANY { "" } else { rest.strip_suffix(ANY)?.strip_suffix('/')? };
    Some((folder, name))
}

/// The name of an article: of its file without the ending, or of its bundle's folder.
pub fn name(path: &str) -> &str {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    match is_index(file) && !folder.is_empty() {
        true => folder.rsplit('/').next().unwrap_or(folder),
        false => file.rsplit_once('.').map_or(file, |(stem, _)| stem),
    }
}

fn is_index(file: &str) -> bool {
    let stem = file.split('.').next().unwrap_or(file);
    matches!(stem, "index" | "_index")
}

/// Whether a name is that of the article at a path, in the language that it ends with, if any.
pub fn is_named(path: &str, asked: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let middle = file.splitn(3, '.').collect::<Vec<_>>();
    match (is_index(file), middle.as_slice()) {
        (true, [_, tag, _]) => {
            asked.strip_suffix(tag).and_then(|asked| asked.strip_suffix('.')) == Some(name(path))
        }
        _ => name(path) == asked,
    }
}

/// All that asks for the article at a path: the path, and its name below each folder above it.
pub fn ways_to_ask(path: &str) -> Vec<String> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let name = match (is_index(file), file.splitn(3, '.').collect::<Vec<_>>().as_slice()) {
        (true, [_, tag, _]) => format!("{}.{tag}", name(path)),
        _ => name(path).to_string(),
    };
    let above = path.match_indices('/').map(|(at, _)| &path[..at]);
    let named = std::iter::once("").chain(above).map(|folder| anywhere(folder, &name));
    std::iter::once(path.to_string()).chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_asks_for_them() {
        for (path, expected) in [
            ("a.md", "a"),
            ("b/a.vi.md", "a.vi"),
            ("b/v1.2.md", "v1.2"),
            ("b/a/index.md", "a"),
            ("b/a/index.vi.md", "a.vi"),
            ("b/_index.md", "b"),
            ("index.md", "index"),
        ] {
            assert!(is_named(path, expected), "{path}");
            for asked in ways_to_ask(path).iter().skip(1) {
                let (folder, name) = asked_name(asked).expect(asked);
                assert_eq!(name, expected, "{path}");
                assert!(path.starts_with(folder), "{path} {folder}");
            }
        }
        assert!(!is_named("b/a/index.vi.md", "a"));
        assert!(!is_named("b/a.md", "b"));
        assert_eq!(ways_to_ask("b/c/a.md"), ["b/c/a.md", "*/a", "b/*/a", "b/c/*/a"]);
        assert_eq!(asked_name("b/a.md"), None);
        assert_eq!(asked_name("a.md"), None);
    }
}
