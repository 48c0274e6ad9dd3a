//! Pictures of generators that hand them out under names of their own.

use url::Url;

use super::{joined, root_path};
use crate::article::Conventions;

/// Where a picture that an article names lies in the site.
#[derive(Debug, PartialEq, Eq)]
pub enum Picture {
    /// Where its name says.
    There,
    At(String),
    /// Its address is the generator's secret.
    Unknown,
    /// Named in a generator's own way, and not there.
    Missing,
}

impl Picture {
    /// What stands in the place of its address, if it has one.
    pub fn address(self, target: &str) -> Option<String> {
        match self {
            Picture::There => Some(target.to_string()),
            Picture::At(place) => Some(place),
            Picture::Unknown | Picture::Missing => None,
        }
    }
}

/// Of one in a text, where `resolve` knows what is named in a generator's own way.
pub fn find(
    target: &str,
    path: &str,
    resolve: &dyn Fn(&str) -> Option<String>,
    conventions: &Conventions,
) -> Picture {
    match resolve(target) {
        Some(place) if place.is_empty() => Picture::Missing,
        Some(place) => Picture::At(place),
        None => of_text(target, path, conventions),
    }
}

/// `path` is that of its article.
fn of_text(target: &str, path: &str, conventions: &Conventions) -> Picture {
    let Some(kept) = conventions.flavour.kept_files else { return Picture::There };
    if let Some(plain) = target.strip_prefix("pathname://") {
        return Picture::At(plain.to_string());
    }
    if target.is_empty() || target.starts_with(['/', '#']) || Url::parse(target).is_ok() {
        return Picture::There;
    }
    let place = match target.strip_prefix("@site/") {
        Some(place) => Some(place.to_string()),
        None => conventions.locate(path).and_then(|location| {
            let folder = location.site_path.rsplit_once('/').map_or("", |(folder, _)| folder);
            joined(folder, target)
        }),
    };
    let below = place.as_deref().and_then(|place| place.strip_prefix(kept)?.strip_prefix('/'));
    below.map_or(Picture::Unknown, |rest| Picture::At(format!("{}{rest}", root_path(conventions))))
}

/// Of one in a field.
pub fn of_field(target: &str, path: &str, conventions: &Conventions) -> Picture {
    let found = of_text(target, path, conventions);
    match found {
        // Docusaurus takes only those for files (`useBaseUrl`).
        Picture::Unknown if conventions.flavour.md_is_mdx && !target.starts_with(['.', '@']) => {
            Picture::At(format!("{}{target}", root_path(conventions)))
        }
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::flavour::Flavour;

    fn check(
        of: fn(&str, &str, &Conventions) -> Picture,
        flavour: &str,
        target: &str,
        expected: Picture,
    ) {
        let conventions = Conventions::of(Flavour::named(flavour).unwrap());
        let path = match flavour {
            "docusaurus" => "blog/a/index.md",
            _ => "src/content/blog/a.md",
        };
        assert_eq!(of(target, path, &conventions), expected, "{flavour} {target}");
    }

    #[test]
    fn what_lies_beside_an_article_is_handed_out_elsewhere() {
        let at = |place: &str| Picture::At(place.to_string());
        check(of_text, "hugo", "./a.png", Picture::There);
        for target in ["/a.png", "https://b.example/a.png", "//b.example/a.png", "data:x", ""] {
            check(of_text, "astro", target, Picture::There);
        }
        for target in ["a.png", "./a.png", "../../assets/a.png", "@/assets/a.png", "../../../a"] {
            check(of_text, "astro", target, Picture::Unknown);
        }
        check(of_text, "astro", "../../../public/i/a.png", at("/i/a.png"));
        check(of_text, "docusaurus", "@site/static/i/a.png", at("/i/a.png"));
        check(of_text, "docusaurus", "../../static/i/a.png", at("/i/a.png"));
        check(of_text, "docusaurus", "@site/assets/a.png", Picture::Unknown);
        check(of_text, "docusaurus", "pathname:///i/a.png", at("/i/a.png"));
        check(of_text, "docusaurus", "i/a.png", Picture::Unknown);
        check(of_field, "docusaurus", "i/a.png", at("/i/a.png"));
        check(of_field, "docusaurus", "./i/a.png", Picture::Unknown);
        check(of_field, "astro", "i/a.png", Picture::Unknown);
    }
}
