//! Which names are one category, and what each is called in a URL. What was given once is kept:
//! a feed's address is a promise.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{By, Term};
use crate::article::charset;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub by: By,
    /// The slugs above it, joined by `/`; empty at the top.
    pub parent: String,
    pub slug: String,
    /// As readers see it.
    pub name: String,
}

#[derive(Clone, Debug, Default)]
pub struct Names {
    /// (kind, parent, folded name) → slug
    slugs: HashMap<(By, String, String), String>,
    /// (kind, parent, slug) → name as readers see it
    shown: BTreeMap<(By, String, String), String>,
    /// Given since the last `take_new`, to be remembered.
    new: Vec<Name>,
    /// A name that readers know has got another form.
    renamed: bool,
    /// What was answered before, until some name changes.
    terms: HashMap<By, HashMap<String, Arc<[Term]>>>,
}

impl Names {
    /// Takes over what was given before.
    pub fn restore(names: impl IntoIterator<Item = Name>) -> Names {
        let mut restored = Names::default();
        for name in names {
            restored.give(name, false);
        }
        restored
    }

    pub fn take_new(&mut self) -> Vec<Name> {
        std::mem::take(&mut self.new)
    }

    /// Whether a name that was shown before is shown otherwise now; asked once.
    pub fn take_renamed(&mut self) -> bool {
        std::mem::take(&mut self.renamed)
    }

    /// The terms of one name: itself and, for a nested category, all above it, outermost first.
    /// Names must come in byte order where none was given before, so that the first keeps its slug.
    pub fn terms(&mut self, by: By, name: &str) -> Arc<[Term]> {
        if let Some(terms) = self.terms.get(&by).and_then(|terms| terms.get(name)) {
            return terms.clone();
        }
        let terms: Arc<[Term]> = self.find_terms(by, name).into();
        self.terms.entry(by).or_default().insert(name.to_string(), terms.clone());
        terms
    }

    fn find_terms(&mut self, by: By, name: &str) -> Vec<Term> {
        let parts: Vec<&str> =
            if by == By::Category { name.split('/').collect() } else { vec![name] };
        let mut parent = String::new();
        let mut terms = Vec::new();
        for part in parts {
            let slug = self.slug(by, &parent, part);
            let path = if parent.is_empty() { slug.clone() } else { format!("{parent}/{slug}") };
            let shown = self.shown[&(by, parent, slug)].clone();
            terms.push(Term { by, slug: path.clone(), name: shown });
            parent = path;
        }
        terms
    }

    fn slug(&mut self, by: By, parent: &str, name: &str) -> String {
        if let Some(slug) = self.slugs.get(&(by, parent.to_string(), fold(name))) {
            return slug.clone();
        }
        let wanted = slugify(name);
        let key = |slug: &str| (by, parent.to_string(), slug.to_string());
        let mut slug = wanted.clone();
        let mut shown = name.to_string();
        match self.shown.get(&key(&wanted)).cloned() {
            None => {}
            // A folder called by a name's slug is that name's category.
            Some(holder) if is_slug(name) => shown = holder,
            Some(holder) if is_slug(&holder) => {}
            Some(_) => {
                let mut number = 2;
                while self.shown.contains_key(&key(&format!("{wanted}-{number}"))) {
                    number += 1;
                }
                slug = format!("{wanted}-{number}");
            }
        }
        self.give(Name { by, parent: parent.to_string(), slug: slug.clone(), name: shown }, true);
        self.slugs.insert((by, parent.to_string(), fold(name)), slug.clone());
        slug
    }

    fn give(&mut self, name: Name, new: bool) {
        let Name { by, parent, slug, name: shown } = name.clone();
        self.slugs.insert((by, parent.clone(), fold(&shown)), slug.clone());
        self.slugs.entry((by, parent.clone(), fold(&slug))).or_insert(slug.clone());
        let before = self.shown.insert((by, parent, slug), shown.clone());
        if new && before.as_deref() != Some(&shown) {
            if before.is_some() {
                self.renamed = true;
                self.terms.clear();
            }
            self.new.push(name);
        }
    }

    /// Names whose slug another name already had: told apart by a number, and reported.
    pub fn numbered(&self) -> impl Iterator<Item = (By, &str, &str)> {
        self.shown.iter().filter_map(|((by, _, slug), name)| {
            let clash = slugify(name) != *slug && slug.starts_with(&slugify(name));
            clash.then_some((*by, &**name, &**slug))
        })
    }

    /// The name that readers see for a feed's path within its kind, such as `the-thao/bong-da`.
    pub fn shown(&self, by: By, path: &str) -> Option<&str> {
        let (parent, slug) = path.rsplit_once('/').unwrap_or(("", path));
        self.shown.get(&(by, parent.to_string(), slug.to_string())).map(String::as_str)
    }
}

/// Equal after composition, case folding and spacing.
fn fold(name: &str) -> String {
    let name = charset::compose(name.into()).to_lowercase();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// URL-safe and readable: `Đời sống` → `doi-song`. A name without a letter or digit that has a
/// Latin form gets a hash.
pub fn slugify(name: &str) -> String {
    let slug = slug::slugify(charset::compose(name.into()));
    if slug.is_empty() {
        return blake3::hash(name.as_bytes()).to_hex()[..10].to_string();
    }
    slug.chars().take(80).collect::<String>().trim_end_matches('-').to_string()
}

fn is_slug(name: &str) -> bool {
    slugify(name) == name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[(&str, &str)]) {
        let mut given = Names::default();
        for (name, expected) in names {
            let terms = given.terms(By::Category, name);
            assert_eq!(terms.last().unwrap().slug, *expected, "{name}");
        }
        let mut restored = Names::restore(given.take_new());
        for (name, expected) in names {
            let terms = restored.terms(By::Category, name);
            assert_eq!(terms.last().unwrap().slug, *expected, "restored {name}");
        }
    }

    #[test]
    fn slugs() {
        check(&[("Quận 5", "quan-5"), ("Đời sống", "doi-song"), ("ĐẠI HỌC", "dai-hoc")]);
        check(&[("Thể thao/Bóng đá", "the-thao/bong-da"), ("the-thao", "the-thao")]);
        check(&[("Quận 5", "quan-5"), ("quận  5", "quan-5"), ("Qua\u{302}\u{323}n 5", "quan-5")]);
        check(&[("quan-5", "quan-5"), ("Quận 5", "quan-5"), ("Quan 5", "quan-5-2")]);
        check(&[("C", "c"), ("C#", "c-2"), ("C++", "c-3")]);
    }

    #[test]
    fn a_folder_takes_its_categorys_name() {
        let mut names = Names::default();
        names.terms(By::Category, "doi-song");
        names.terms(By::Category, "Đời sống");
        assert_eq!(names.shown(By::Category, "doi-song"), Some("Đời sống"));
        assert_eq!(names.terms(By::Category, "doi-song")[0].name, "Đời sống");
    }
}
