//! Whether the author keeps an article from readers, in any generator's words.

use super::Form;
use crate::article::front_matter::Value;

pub fn hidden(form: &Form) -> bool {
    let said = |name: &str, value: bool| form.flag(name) == Some(value);
    let status = form.word("status").is_some_and(|status| {
        matches!(status.to_ascii_lowercase().as_str(), "draft" | "hidden" | "skip" | "private")
    });
    let build = form.find(&["build", "_build"]).is_some_and(|field| {
        let is = |key: &str, words: &[&str]| {
            field.value.get(key).and_then(Value::as_str).is_some_and(|v| words.contains(&v))
        };
        is("list", &["never", "local", "false"]) || is("render", &["never", "false"])
    });
    // An enumeration, where it is no flag: `draft`, `in progress`, `published`.
    let stage = form.word("draft").is_some_and(|word| {
        word.parse::<f64>().is_err()
            && form.flag("draft").is_none()
            && !matches!(word.to_ascii_lowercase().as_str(), "published" | "done" | "final")
    });
    stage
        || said("draft", true)
        || said("published", false)
        || said("publish", false)
        || said("private", true)
        || said("unlisted", true)
        || said("hidden", true)
        || said("headless", true)
        || said("feed", false)
        || said("permalink", false)
        || said("eleventyexcludefromcollections", true)
        || status
        || build
}
