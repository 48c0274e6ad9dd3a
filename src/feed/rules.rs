//! Feeds by rule: `any`, `all` and `none` of terms such as `category:quan-5`.

use super::{By, Term};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub by: By,
    pub slug: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub any: Vec<Wanted>,
    pub all: Vec<Wanted>,
    pub none: Vec<Wanted>,
}

impl Wanted {
    /// Reads `category:quan-5`.
    pub fn parse(text: &str) -> Option<Wanted> {
        let (kind, slug) = text.split_once(':')?;
        let by = By::named(kind.trim())?;
        let slug = slug.trim();
        (!slug.is_empty()).then(|| Wanted { by, slug: slug.to_string() })
    }

    /// By slug or by name: a publisher knows the one from URLs and the other from articles.
    fn is_in(&self, terms: &[Term]) -> bool {
        terms.iter().any(|term| {
            term.by == self.by
                && (term.slug == self.slug || term.name.to_lowercase() == self.slug.to_lowercase())
        })
    }
}

impl Rule {
    pub fn asks_for(&self, by: By) -> bool {
        [&self.any, &self.all, &self.none].into_iter().flatten().any(|wanted| wanted.by == by)
    }

    pub fn takes(&self, terms: &[Term]) -> bool {
        (self.any.is_empty() || self.any.iter().any(|wanted| wanted.is_in(terms)))
            && self.all.iter().all(|wanted| wanted.is_in(terms))
            && !self.none.iter().any(|wanted| wanted.is_in(terms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(any: &[&str], none: &[&str], terms: &[(&str, By)], expected: bool) {
        let wanted = |list: &[&str]| list.iter().map(|w| Wanted::parse(w).unwrap()).collect();
        let rule = Rule { any: wanted(any), none: wanted(none), ..Rule::default() };
        let terms: Vec<Term> = terms
            .iter()
            .map(|(slug, by)| Term { by: *by, slug: slug.to_string(), name: slug.to_uppercase() })
            .collect();
        assert_eq!(rule.takes(&terms), expected);
    }

    #[test]
    fn rules() {
        check(&["category:a", "tag:b"], &[], &[("b", By::Tag)], true);
        check(&["category:a"], &[], &[("a", By::Tag)], false);
        check(&["category:a"], &["tag:ad"], &[("a", By::Category), ("ad", By::Tag)], false);
        check(&[], &["tag:ad"], &[("a", By::Category)], true);
        check(&["tag:B"], &[], &[("b", By::Tag)], true);
        assert_eq!(Wanted::parse("nonsense"), None);
        assert_eq!(Wanted::parse("all:x"), None);
    }
}
