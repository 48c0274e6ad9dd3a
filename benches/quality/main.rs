//! How well articles are told from what is around them, and summaries chosen:
//!
//! ```text
//! cargo bench --bench quality -- pages      COLLECTION.jsonl [seen|unseen] [worst]
//! cargo bench --bench quality -- texts      COLLECTION.jsonl [seen|unseen] [worst]
//! cargo bench --bench quality -- summaries  COLLECTION.jsonl [seen|unseen] [worst]
//! cargo bench --bench quality -- found      COLLECTION.jsonl [seen|unseen]
//! ```
//!
//! `found` prints what was found, one JSON object a line.
//!
//! A collection has one JSON object a line: `name`, `file` (relative to the collection), and what a
//! person says is right: `body` (paragraphs separated by blank lines), `title`, `date`, `summary`,
//! each of which may be missing; `half` and `lang` where there are any; `folder` of texts that lie
//! in one folder, as a scraper leaves those of one site. Without a collection the
//! pages of `benches/quality/own` are measured. Bodies are compared by shingles of four words, as
//! multisets, by characters where a script has no spaces: mean precision and recall over the
//! articles, and the F1 of the two means. Summaries are compared by ROUGE-L.

mod score;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;
use syndic::article::flavour::Flavour;
use syndic::article::summary::{Choice, Wish};
use syndic::article::text::furniture::{Furniture, Marks};
use syndic::article::{Body, Conventions, Folder, Head, Outcome, Source, read_body, read_head};

use score::{Means, near_title, rouge_l, same_title, shingle_scores};

struct Item {
    name: String,
    file: PathBuf,
    /// What the texts of its folder have in common.
    furniture: Rc<Furniture>,
    gold: Value,
}

impl Item {
    fn said(&self, key: &str) -> Option<&str> {
        self.gold.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let what = words.first().map_or("pages", String::as_str);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/quality/own");
    let collection = words.get(1).map_or_else(|| own.join(format!("{what}.jsonl")), PathBuf::from);
    let half = words.iter().find(|word| matches!(word.as_str(), "seen" | "unseen"));
    let items = items(&collection, half.map(String::as_str));
    let worst = words.iter().any(|word| word == "worst");
    if !matches!(what, "found" | "seen") {
        println!("{what}: {} articles of {}", items.len(), collection.display());
    }
    match what {
        "found" => found(&items),
        "seen" => seen(&items),
        "summaries" => summaries(&items, worst),
        _ => bodies(&items, worst),
    }
}

fn items(collection: &Path, half: Option<&str>) -> Vec<Item> {
    let text = std::fs::read_to_string(collection).expect("a collection");
    let folder = collection.parent().unwrap_or(Path::new("."));
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object"));
    let item = |gold: Value| Item {
        name: gold["name"].as_str().unwrap_or("").to_string(),
        file: folder.join(gold["file"].as_str().expect("a file")),
        furniture: Rc::default(),
        gold,
    };
    let mut items: Vec<Item> = lines.map(item).collect();
    furnish(&mut items);
    items.retain(|item| half.is_none_or(|half| item.said("half") == Some(half)));
    items
}

/// Finds what the texts of each folder have in common.
fn furnish(items: &mut [Item]) {
    let mut folders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        if let Some(folder) = item.said("folder") {
            folders.entry(folder.to_string()).or_default().push(at);
        }
    }
    let conventions = Conventions::of(Flavour::plain());
    for texts in folders.into_values() {
        let marks = texts.iter().filter_map(|at| {
            let bytes = std::fs::read(&items[*at].file).ok()?;
            Some(Marks::of(Source { path: "article.txt", bytes: &bytes }, &conventions))
        });
        let furniture = Rc::new(Furniture::of(marks));
        for at in texts {
            items[at].furniture = furniture.clone();
        }
    }
}

fn within_a_day(found: jiff::Timestamp, gold: &str) -> bool {
    let day: Option<jiff::civil::Date> = gold.get(..10).and_then(|day| day.parse().ok());
    let noon = |day: jiff::civil::Date| jiff::tz::TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0));
    day.and_then(|day| noon(day).ok())
        .is_some_and(|noon| (found.as_second() - noon.as_second()).abs() <= 26 * 3600)
}

fn found(items: &[Item]) {
    for item in items {
        let (head, body) = read(item, Choice::Lead).unwrap_or_default();
        let authors: Vec<&str> = head.authors.iter().map(|person| person.name.as_str()).collect();
        let found = serde_json::json!({
            "name": item.name, "title": head.title, "text": body.text,
            "author": authors.join(", "), "date": head.published.map(|date| date.to_string()),
        });
        println!("{found}");
    }
}

/// Prints what is seen of each block of some texts: whether it is the article's own, whether it is
/// its title, for `train.py`; then how many words it has, and the numbers that describe it.
fn seen(items: &[Item]) {
    for item in items {
        let (Ok(text), Some(gold)) = (std::fs::read_to_string(&item.file), item.said("body"))
        else {
            continue;
        };
        println!("# {} {}", item.name.replace(' ', "_"), item.said("half").unwrap_or("seen"));
        let own = score::Own::of(gold);
        for (block, sight) in syndic::article::text::seen(&text) {
            let numbers: Vec<String> = sight.iter().map(|n| format!("{n:.4}")).collect();
            let (is_own, words) = own.of_block(&block);
            let is_title = item.said("title").is_some_and(|title| same_title(&block, title));
            let (own, title) = (u8::from(is_own), u8::from(is_title));
            println!("{own} {title} {words} {}", numbers.join(" "));
        }
    }
}

/// Reads a file as an article of a folder that names no language.
fn read(item: &Item, choice: Choice) -> Option<(Head, Body)> {
    let bytes = std::fs::read(&item.file).ok()?;
    let mut conventions = Conventions::of(Flavour::plain());
    conventions.summary = Wish { choice, ..Wish::default() };
    let name = item.file.file_name()?.to_string_lossy().into_owned();
    let source = Source { path: &name, bytes: &bytes };
    let folder = Folder { defaults: &[], furniture: &item.furniture };
    let reading = read_head(source, &conventions, folder, false);
    let Outcome::Article(head) = reading.outcome else { return None };
    let link = "https://www.example.org/article/";
    let (body, _) = read_body(source, &head, link, &|_| None, &conventions);
    Some((*head, body))
}

fn bodies(items: &[Item], worst: bool) {
    let mut all = Means::default();
    let mut by_language: BTreeMap<String, Means> = BTreeMap::new();
    let mut listed: Vec<(f64, f64, &str)> = Vec::new();
    let (mut titles, mut nearly, mut titled) = (0, 0, 0);
    let (mut dates, mut dated, mut wrong_dates) = (0, 0, 0);
    for item in items {
        let read = read(item, Choice::Lead);
        let (head, body) = read.unwrap_or_default();
        if let Some(gold) = item.said("body") {
            let (precision, recall) = shingle_scores(&body.text, gold);
            all.add(precision, recall);
            let language = item.said("lang").unwrap_or("?").to_string();
            by_language.entry(language).or_default().add(precision, recall);
            listed.push((precision, recall, &item.name));
        }
        if let Some(gold) = item.said("title") {
            titled += 1;
            nearly += usize::from(near_title(&head.title, gold));
            if same_title(&head.title, gold) {
                titles += 1;
            } else if worst {
                println!("title {}: {:?} for {gold:?}", item.name, head.title);
            }
        }
        if let Some(gold) = item.said("date") {
            dated += 1;
            let found = head.published.map(|date| date.to_string()).unwrap_or_default();
            // A page tells its own day, which may be a day off in UTC.
            let same = head.published.is_some_and(|date| within_a_day(date, gold));
            dates += usize::from(same);
            wrong_dates += usize::from(!same && !found.is_empty());
            if worst && !same {
                println!("date {}: {found:?} for {gold:?}", item.name);
            }
        }
    }
    println!("bodies  {all}");
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    println!(
        "titles  {titles} of {titled} the same, {:.1} %; {:.1} % with those that have a part more \
         or less, such as a kicker",
        share(titles, titled),
        share(nearly, titled)
    );
    println!(
        "dates   {dates} of {dated} right, {:.1} %; {wrong_dates} wrong, the rest not found",
        share(dates, dated)
    );
    for (language, means) in by_language.iter().filter(|(_, means)| means.count() >= 5) {
        println!("  {language:<4} {means}");
    }
    if worst {
        listed.sort_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
        for (precision, recall, name) in listed.iter().take(60) {
            println!("body {name}: precision {precision:.3}, recall {recall:.3}");
        }
    }
}

fn summaries(items: &[Item], worst: bool) {
    let mut means: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for item in items {
        let Some(gold) = item.said("summary") else { continue };
        let chosen = |choice: Choice| read_without_summary(item, choice);
        let Some((head, lead)) = chosen(Choice::Lead) else { continue };
        let auto = chosen(Choice::Auto).map(|(_, body)| body.summary).unwrap_or_default();
        let extract = chosen(Choice::Extract).map(|(_, body)| body.summary).unwrap_or_default();
        let text = prose(&lead.text);
        let first_words: Vec<&str> = text.split_whitespace().take(70).collect();
        let paragraph = text.split("\n\n").find(|text| !text.is_empty()).unwrap_or("");
        let candidates = [
            ("auto", auto.as_str()),
            ("extract", extract.as_str()),
            ("lead", lead.summary.as_str()),
            ("first 70 words", &first_words.join(" ")),
            ("first paragraph", paragraph),
            ("title alone", &head.title),
        ];
        for (name, candidate) in candidates {
            let mean = means.entry(name).or_default();
            mean.0 += rouge_l(candidate, gold);
            mean.1 += 1.0;
        }
        if worst && rouge_l(&auto, gold) < rouge_l(paragraph, gold) {
            println!("{}\n  gold {gold}\n  auto {auto}\n  para {paragraph}", item.name);
        }
    }
    for (name, (sum, count)) in means {
        println!("{name:<16} mean ROUGE-L F1 {:.4} over {count}", sum / count);
    }
}

/// As if the author had given no summary: that is what the choice is held against.
fn read_without_summary(item: &Item, choice: Choice) -> Option<(Head, Body)> {
    let bytes = std::fs::read(&item.file).ok()?;
    let mut conventions = Conventions::of(Flavour::plain());
    conventions.summary = Wish { choice, ..Wish::default() };
    let source = Source { path: "article.md", bytes: &bytes };
    let folder = Folder { defaults: &[], furniture: &item.furniture };
    let Outcome::Article(head) = read_head(source, &conventions, folder, false).outcome else {
        return None;
    };
    let head = Head { summary: None, ..*head };
    let link = "https://www.example.org/article/";
    let (body, _) = read_body(source, &head, link, &|_| None, &conventions);
    Some((head, body))
}

/// Paragraphs that are longer than a heading.
fn prose(text: &str) -> String {
    let is_prose = |text: &&str| text.chars().count() >= 40;
    text.split("\n\n").filter(is_prose).collect::<Vec<_>>().join("\n\n")
}
