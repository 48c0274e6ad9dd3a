//! Layouts, where their fields are those of the articles that name them (Eleventy).

use std::collections::BTreeMap;

use super::fields::Inherited;
use super::front_matter::Field;

/// Layouts within layouts that are followed.
const MAX_DEPTH: usize = 8;

/// A site's layouts that have fields.
#[derive(Clone, Debug, Default)]
pub struct Layouts {
    /// By their path below the folder of layouts.
    by_path: BTreeMap<String, Inherited>,
    /// Other names that the site gives them.
    names: BTreeMap<String, String>,
}

impl Layouts {
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    pub fn add(&mut self, path: &str, origin: String, fields: Vec<Field>) {
        if !fields.is_empty() {
            self.by_path.entry(path.to_string()).or_insert(Inherited { origin, fields });
        }
    }

    pub fn name(&mut self, name: String, path: String) {
        self.names.insert(name, path);
    }

    /// By its path, with its extension or without, or by another name.
    fn find(&self, name: &str) -> Option<&Inherited> {
        let path = self.names.get(name).map_or(name, String::as_str).trim_start_matches('/');
        self.by_path.get(path).or_else(|| {
            let stem = format!("{path}.");
            let (found, layout) = self.by_path.range(stem.clone()..).next()?;
            found.starts_with(&stem).then_some(layout)
        })
    }

    /// What the layout that an article names gives it, and then the layouts that it is in.
    pub fn given(&self, own: &[Field], inherited: &[Inherited]) -> Vec<Inherited> {
        let named = |fields: &[Field]| -> Option<String> {
            let field = fields.iter().find(|field| field.key == "layout")?;
            field.value.as_str().map(str::to_string)
        };
        let mut name =
            named(own).or_else(|| inherited.iter().find_map(|inherited| named(&inherited.fields)));
        let mut given = Vec::new();
        while let Some(layout) = name.take().and_then(|name| self.find(&name)) {
            if given.len() == MAX_DEPTH {
                break;
            }
            given.push(layout.clone());
            name = named(&layout.fields);
        }
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::front_matter::Value;

    fn fields(pairs: &[(&str, &str)]) -> Vec<Field> {
        let field = |(key, value): &(&str, &str)| Field {
            key: key.to_string(),
            line: 1,
            value: Value::Scalar(value.to_string()),
        };
        pairs.iter().map(field).collect()
    }

    #[test]
    fn layouts_are_found_by_all_their_names() {
        let mut layouts = Layouts::default();
        layouts.add("layouts/post.njk", "p".into(), fields(&[("layout", "base"), ("tags", "x")]));
        layouts.add("base.njk", "b".into(), fields(&[("layout", "layouts/post.njk")]));
        layouts.add("bare.njk", "n".into(), Vec::new());
        layouts.name("post".into(), "layouts/post.njk".into());
        let given = |name: &str| -> Vec<String> {
            let given = layouts.given(&fields(&[("layout", name)]), &[]);
            given.iter().map(|layout| layout.origin.clone()).collect()
        };
        for name in ["post", "layouts/post.njk", "layouts/post", "/layouts/post"] {
            assert_eq!(given(name)[..2], ["p", "b"], "{name}");
            assert_eq!(given(name).len(), MAX_DEPTH);
        }
        for name in ["lay", "bare", "none"] {
            assert!(given(name).is_empty(), "{name}");
        }
        // What the article says itself counts more than what it inherits.
        let inherited = [Inherited { origin: "f".into(), fields: fields(&[("layout", "post")]) }];
        assert_eq!(layouts.given(&[], &inherited)[0].origin, "p");
        assert!(layouts.given(&fields(&[("layout", "none")]), &inherited).is_empty());
    }
}
