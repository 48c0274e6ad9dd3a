//! JSON-LD: what a page says of itself for programs, in the words of schema.org.

use dom_query::Document;
use serde_json::Value;

use super::metadata::Meta;
use super::title::letters;
use crate::article::fields::one_line;

/// JSON-LD longer than this is not read.
const MAX_JSON: usize = 512 * 1024;
/// Deepest value of it that is looked into.
const MAX_DEPTH: usize = 8;
/// Articles and pages that are looked at.
const MAX_THINGS: usize = 200;

/// What a page's JSON-LD describes.
#[derive(Debug, Default)]
pub struct Linked {
    /// The article that the page is about.
    pub article: Option<Value>,
    /// The page itself, or another work on it, such as a recipe.
    pub page: Option<Value>,
}

impl Linked {
    pub fn of(document: &Document, meta: &Meta) -> Linked {
        let scripts = document.select("script[type^=\"application/ld+json\"]");
        let mut things = Things::default();
        for script in scripts.nodes().iter().take(20) {
            let text = script.text();
            if let Some(value) = (text.len() <= MAX_JSON).then(|| json(&text)).flatten() {
                things.find(value, false, 0);
            }
        }
        let own = Own::of(document, meta);
        Linked { article: things.article(&own), page: things.pages.into_iter().next() }
    }
}

/// What a page calls itself, to tell its own article from those that it only lists.
struct Own {
    titles: Vec<String>,
    addresses: Vec<String>,
}

impl Own {
    fn of(document: &Document, meta: &Meta) -> Own {
        let title = Some(document.select_single("title").text().to_string());
        let titles = [title, meta.find(&["og:title"]), meta.find(&["twitter:title"])];
        let addresses = [meta.attribute("link[rel=canonical]", "href"), meta.find(&["og:url"])];
        Own {
            titles: titles.into_iter().flatten().map(|title| letters(&title)).collect(),
            addresses: addresses.into_iter().flatten().map(|address| bare(&address)).collect(),
        }
    }

    /// Whether an article's headline has no word of the page's titles.
    fn is_not(&self, article: &Value) -> bool {
        let Some(headline) = text_of(article, "headline") else { return false };
        let mut words =
            headline.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3);
        let is_shared = |word: &str| {
            let word = letters(word);
            self.titles.iter().any(|title| title.contains(&word))
        };
        self.titles.iter().any(|title| !title.is_empty())
            && words.clone().next().is_some()
            && !words.any(is_shared)
    }

    fn is(&self, article: &Value) -> bool {
        let headline = text_of(article, "headline").or_else(|| text_of(article, "name"));
        let headline = headline.map(|text| letters(&text)).filter(|text| text.len() >= 8);
        let is_titled = headline.is_some_and(|headline| {
            self.titles.iter().any(|title| title.contains(&headline) || *title == headline)
        });
        let address = |key: &str| match article.get(key) {
            Some(Value::String(address)) => Some(bare(address)),
            Some(object) => text_of(object, "@id").map(|address| bare(&address)),
            None => None,
        };
        let is_at = |address: Option<String>| {
            address.is_some_and(|address| self.addresses.contains(&address))
        };
        is_titled || is_at(address("url")) || is_at(address("mainEntityOfPage"))
    }
}

fn bare(address: &str) -> String {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let address = address.split(['#', '?']).next().unwrap_or(address);
    address.trim_start_matches("www.").trim_end_matches('/').to_lowercase()
}

/// The articles and pages of some JSON-LD, in its order.
#[derive(Default)]
struct Things {
    articles: Vec<Value>,
    /// Of a list: the page may be another.
    listed: Vec<Value>,
    pages: Vec<Value>,
}

impl Things {
    fn find(&mut self, value: Value, listed: bool, depth: usize) {
        let count = self.articles.len() + self.listed.len() + self.pages.len();
        if depth > MAX_DEPTH || count >= MAX_THINGS {
            return;
        }
        match value {
            Value::Array(items) => {
                items.into_iter().for_each(|item| self.find(item, listed, depth + 1));
            }
            Value::Object(mut object) => {
                let is = |names: fn(&str) -> bool| match object.get("@type") {
                    Some(Value::String(kind)) => names(kind),
                    Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(names),
                    _ => false,
                };
                if is(names_article) {
                    let articles = if listed { &mut self.listed } else { &mut self.articles };
                    return articles.push(Value::Object(object));
                }
                let is_page = is(names_page);
                for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(inner) = object.remove(key) {
                        self.find(inner, listed, depth + 1);
                    }
                }
                for key in ["itemListElement", "item", "blogPost", "hasPart"] {
                    if let Some(inner) = object.remove(key) {
                        self.find(inner, true, depth + 1);
                    }
                }
                if is_page {
                    self.pages.push(Value::Object(object));
                }
            }
            _ => {}
        }
    }

    fn article(&mut self, own: &Own) -> Option<Value> {
        let at = self.articles.iter().position(|article| own.is(article));
        if at.is_none()
            && let Some(at) = self.listed.iter().position(|article| own.is(article))
        {
            return Some(self.listed.swap_remove(at));
        }
        let at = at.or_else(|| self.articles.iter().position(|article| !own.is_not(article)))?;
        Some(self.articles.swap_remove(at))
    }
}

fn names_article(kind: &str) -> bool {
    kind.ends_with("Article") || kind.ends_with("Posting") || matches!(kind, "Report" | "Review")
}

fn names_page(kind: &str) -> bool {
    matches!(kind, "WebPage" | "ItemPage" | "AboutPage" | "HowTo" | "Recipe" | "CreativeWork")
}

/// JSON as pages have it: with line breaks within texts, HTML's entities, a comment or CDATA mark
/// around it, commas after the last item.
fn json(text: &str) -> Option<Value> {
    let text = text.replace(['\n', '\r', '\t'], " ");
    let text = text.trim();
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let text = text.replace("<![CDATA[", "").replace("]]>", "");
    let start = text.find(['{', '['])?;
    let end = text.rfind(['}', ']'])? + 1;
    let text = text.get(start..end)?;
    let text = if text.contains("&quot;") { unescaped(text) } else { text.to_string() };
    serde_json::from_str(&text).or_else(|_| serde_json::from_str(&without_last_commas(&text))).ok()
}

/// `[1, 2,]` → `[1, 2]`, but not within texts.
fn without_last_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '}' | ']' if !quoted => {
                let kept = out.trim_end().trim_end_matches(',').len();
                out.truncate(kept);
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

pub fn text_of(value: &Value, key: &str) -> Option<String> {
    let text = match value.get(key)? {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.first()?.as_str()?.to_string(),
        _ => return None,
    };
    let text = one_line(&unescaped(&text));
    (!text.is_empty()).then_some(text)
}

/// Some pages write HTML's entities into their JSON.
pub fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    Document::fragment(text).text().to_string()
}

pub fn names_in(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![one_line(&unescaped(name))],
        Value::Array(items) => items.iter().flat_map(names_in).collect(),
        object => text_of(object, "name").into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::metadata::declared;
    use super::*;

    fn date(html: &str) -> String {
        let page = declared(&Document::from(html));
        page.dates.first().map(|date| date.text.clone()).unwrap_or_default()
    }

    #[test]
    fn the_pages_own_article_counts() {
        let script = |json: &str| {
            format!(
                "<title>A day at sea | Paper</title><script type='application/ld+json'>{json}</script>"
            )
        };
        let other = r#"{"@type": "NewsArticle", "headline": "Elsewhere, too", "datePublished": "2020-01-01"}"#;
        let own = r#"{"@type": "NewsArticle", "headline": "A day at sea", "datePublished": "2024-05-06"}"#;
        assert_eq!(date(&script(&format!("[{other}, {own}]"))), "2024-05-06");
        // Another headline may be the page's own, one that shares no word with it is not.
        assert_eq!(date(&script(&other.replace("Elsewhere", "All day"))), "2020-01-01");
        assert_eq!(date(&script(other)), "");
        // What is only listed is another page's.
        let list = |item: &str| script(&format!(r#"{{"@type": "Blog", "blogPost": [{item}]}}"#));
        assert_eq!(date(&list(other)), "");
        assert_eq!(date(&list(&format!("{other}, {own}"))), "2024-05-06");
        let page = r#"{"@type": "WebPage", "datePublished": "2023-04-05"}"#;
        assert_eq!(date(&script(page)), "2023-04-05");
        assert_eq!(date(&script(&format!("[{page}, {own}]"))), "2024-05-06");
    }

    #[test]
    fn json_as_pages_have_it() {
        for text in [
            "//<![CDATA[\n{\"a\": [1, 2,], }\n//]]>",
            "{&quot;a&quot;: [1, 2]}",
            "<!-- {\"a\": [1,\n2]} -->",
        ] {
            assert_eq!(json(text).map(|value| value["a"].to_string()).as_deref(), Some("[1,2]"));
        }
        assert_eq!(json("{\"a\": \",}\",}").unwrap()["a"], ",}");
        assert!(json("{").is_none() && json("").is_none());
    }
}
