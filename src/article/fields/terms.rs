//! Categories and tags, as each generator lets authors write them.

use super::form::Said;
use super::{Form, MAX_LIST, one_line};
use crate::article::front_matter::{Field, Value};

const CATEGORIES: &[&str] = &["categories", "category"];
const TAGS: &[&str] = &["tags", "tag", "keywords"];
/// Tags that call a page a post, where tags are also the generator's collections.
const POST_TAGS: &[&str] = &["post", "posts", "blog", "article", "articles"];
/// Tags for the generator, not for readers.
const LAYOUT_TAGS: &[&str] = &["all", "posts", "post", "nav"];

/// A list, or one text that `split` takes apart.
pub fn list(field: Option<&Field>, split: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let texts = match field.map(|field| &field.value) {
        Some(Value::Scalar(text)) => split(text),
        Some(Value::List(items)) => items.iter().filter_map(name_of).collect(),
        Some(map @ Value::Map(_)) => name_of(map).into_iter().collect(),
        _ => Vec::new(),
    };
    let mut list: Vec<String> = Vec::new();
    for text in texts {
        let text = one_line(&text);
        if !text.is_empty() && !list.contains(&text) && list.len() < MAX_LIST {
            list.push(text);
        }
    }
    list
}

fn name_of(value: &Value) -> Option<String> {
    ["name", "label", "title"]
        .iter()
        .find_map(|key| value.get(key))
        .unwrap_or(value)
        .as_str()
        .map(str::to_string)
}

pub fn categories(form: &mut Form, tags: &[String]) -> Vec<String> {
    let flavour = form.conventions.flavour;
    let Some(field) = form.find(CATEGORIES) else {
        if !flavour.tags_are_categories || tags.is_empty() {
            return Vec::new();
        }
        form.from.set("categories", "tags");
        return tags.to_vec();
    };
    let nested = |items: &[Value]| items.iter().filter_map(name_of).collect::<Vec<_>>().join("/");
    let names = match &field.value {
        Value::List(items) if flavour.nested_categories => {
            if items.iter().any(|item| matches!(item, Value::List(_))) {
                let each = items.iter().map(|item| match item {
                    Value::List(items) => nested(items),
                    one => name_of(one).unwrap_or_default(),
                });
                each.collect()
            } else {
                vec![nested(items)]
            }
        }
        _ => list(Some(&field), |text| {
            if field.key == "category" {
                vec![text.to_string()]
            } else if flavour.split_categories {
                text.split_whitespace().map(str::to_string).collect()
            } else {
                text.split(',').map(str::to_string).collect()
            }
        }),
    };
    let mut names: Vec<String> = names.iter().filter_map(|name| category_path(name)).collect();
    // Jekyll's one `category` comes on top of its `categories`.
    if flavour.split_categories && field.key == "categories" {
        let one = form.find(&["category"]).and_then(|field| category_path(field.value.as_str()?));
        names.extend(one.filter(|one| !names.contains(one)));
    }
    if !names.is_empty() {
        form.note("categories", field);
    }
    names
}

/// `Thể thao / Bóng đá` → `Thể thao/Bóng đá`: a slash puts one category inside another.
pub fn category_path(name: &str) -> Option<String> {
    let parts: Vec<String> =
        name.split('/').map(one_line).filter(|part| !part.is_empty()).take(8).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Also tells whether one of them calls the page a post.
pub fn tags(form: &mut Form) -> (Vec<String>, bool) {
    let flavour = form.conventions.flavour;
    let split = |text: &str| -> Vec<String> {
        if flavour.split_categories && !text.contains(',') {
            text.split_whitespace().map(str::to_string).collect()
        } else if flavour.tags_are_categories {
            vec![text.to_string()]
        } else {
            // Names with commas are set apart by semicolons.
            let marks: &[char] =
                if text.contains([';', '；']) { &[';', '；'] } else { &[',', '、', '，'] };
            text.split(marks).map(str::to_string).collect()
        }
    };
    // Where tags are collections, those of the folder come on top of the article's own.
    let names = match flavour.tags_are_categories {
        true if form.find(&["override:tags"]).is_some() => &["override:tags"],
        true => &["tags"],
        false => TAGS,
    };
    let fields: Vec<Said> = form.all(names);
    let fields =
        if flavour.tags_are_categories { &fields[..] } else { &fields[..fields.len().min(1)] };
    let mut tags: Vec<String> = Vec::new();
    for field in fields {
        for tag in list(Some(field), split) {
            let tag = form.declared().labels.get(&tag.to_lowercase()).cloned().unwrap_or(tag);
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
    }
    let called_post = tags.iter().any(|tag| POST_TAGS.contains(&tag.to_lowercase().as_str()));
    if flavour.tags_are_categories {
        tags.retain(|tag| !LAYOUT_TAGS.contains(&tag.to_lowercase().as_str()));
    }
    if let Some(field) = fields.first().filter(|_| !tags.is_empty()) {
        form.note("tags", *field);
    }
    (tags, called_post)
}
