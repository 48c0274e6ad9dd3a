//! Sites to serve: folders of seeded text, the same on every machine.

use std::fmt::Write;
use std::io;
use std::path::Path;

use crate::dice::Dice;

/// Made into words, so that the text has the variety, and compresses like, one that people write.
const SYLLABLES: &[&str] = &[
    "ar", "ba", "con", "del", "en", "fer", "gra", "har", "in", "jo", "ket", "li", "mor", "na",
    "or", "pal", "qui", "ri", "sto", "ten", "un", "ver", "win", "yar", "ze", "ing", "ed", "ly",
];
const COMMON: &[&str] = &[
    "the", "of", "and", "to", "a", "in", "that", "it", "was", "for", "on", "with", "as", "at",
    "by", "from", "this", "which", "are", "be", "or", "had", "not", "but",
];

fn sentence(dice: &mut Dice) -> String {
    let mut text = String::new();
    for number in 0..8 + dice.throw(12) {
        let word = if number > 0 && dice.throw(2) == 0 {
            COMMON[dice.throw(COMMON.len())].to_string()
        } else {
            (0..2 + dice.throw(2)).map(|_| SYLLABLES[dice.throw(SYLLABLES.len())]).collect()
        };
        if number > 0 {
            text.push(' ');
        }
        text += &word;
    }
    text[..1].make_ascii_uppercase();
    text + "."
}

/// An article: its title and date hang on its number only, its text on the edition too, so that
/// the next edition changes what it says and not which article it is.
pub fn article(number: usize, edition: u64, size: usize) -> String {
    let title = sentence(&mut Dice::new(number as u64));
    let mut dice = Dice::new((number as u64) << 8 | edition);
    let (year, month, day) = (2000 + number / 336 % 25, number / 28 % 12 + 1, number % 28 + 1);
    let mut text = String::new();
    let _ = write!(
        text,
        "---\ntitle: \"{}\"\ndate: {year}-{month:02}-{day:02}T{:02}:{:02}:00Z\nlang: en\n\
         category: topic {}\n---\n\n",
        title.trim_end_matches('.'),
        number / 60 % 24,
        number % 60,
        number % 50,
    );
    let end = text.len() + size / 2 + dice.throw(size);
    while text.len() < end {
        for _ in 0..2 + dice.throw(3) {
            text += &sentence(&mut dice);
            text.push(' ');
        }
        text += "\n\n";
    }
    text
}

/// Writes a config and `count` articles, a thousand to a folder.
pub fn write(dir: &Path, count: usize, size: usize) -> io::Result<()> {
    let config = "title = \"Serving\"\nurl = \"https://bench.example/\"\n\
                  [feeds]\nentries = 30\n[server]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("config.toml"), config)?;
    let texts: Vec<String> = (0..count).map(|number| article(number, 0, size)).collect();
    write_texts(dir, &texts)
}

pub fn write_texts(dir: &Path, texts: &[String]) -> io::Result<()> {
    for (number, text) in texts.iter().enumerate() {
        let folder = dir.join(format!("content/{:03}", number / 1_000));
        if number % 1_000 == 0 {
            std::fs::create_dir_all(&folder)?;
        }
        std::fs::write(folder.join(format!("a{number}.md")), text)?;
    }
    Ok(())
}
