//! A folder of articles to measure with: seeded, so that it is the same on every machine.

use std::path::Path;

use crate::dice::Dice;

const ENGLISH: &[&str] = &[
    "harbour", "morning", "people", "council", "the", "of", "and", "a", "in", "bridge", "river",
    "new", "library", "school", "market", "said", "would", "because", "after", "before", "light",
    "storm", "ferry", "captain", "children", "winter", "several", "years", "plan", "budget",
];
const VIETNAMESE: &[&str] = &[
    "thành",
    "phố",
    "người",
    "dân",
    "và",
    "của",
    "trong",
    "những",
    "năm",
    "một",
    "đường",
    "sông",
    "chợ",
    "trường",
    "học",
    "sinh",
    "thư",
    "viện",
    "bến",
    "cảng",
    "buổi",
    "sáng",
    "nước",
    "mới",
    "phường",
    "quận",
    "hội",
    "nghị",
    "kế",
    "hoạch",
];

fn sentence(dice: &mut Dice, words: &[&str]) -> String {
    let count = 6 + dice.throw(14);
    let text: Vec<&str> = (0..count).map(|_| words[dice.throw(words.len())]).collect();
    let text = text.join(" ");
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}. ", chars.as_str())
}

/// One article of 1 to 6 KB, 3.8 KB on average, with one to three of `categories`.
pub fn article(dice: &mut Dice, number: usize, categories: usize) -> String {
    let vietnamese = dice.throw(2) == 0;
    let words = if vietnamese { VIETNAMESE } else { ENGLISH };
    let title = sentence(dice, words);
    let mut chosen: Vec<String> =
        (0..=dice.throw(3)).map(|_| format!("\"Chuyên mục {}\"", dice.throw(categories))).collect();
    chosen.sort();
    chosen.dedup();
    let day = number % 3_650;
    let date = jiff::civil::date(2015, 1, 1)
        .checked_add(jiff::Span::new().days(day as i64))
        .expect("a date in range");
    let second = number / 3_650 % 86_400;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!(
        "---\ntitle: \"{}\"\ndate: {date}T{hour:02}:{minute:02}:{second:02}+07:00\nlang: {}\n\
         categories: [{}]\nauthor: Author {}\n---\n\n",
        title.trim_end(),
        if vietnamese { "vi" } else { "en" },
        chosen.join(", "),
        number % 50,
    );
    let size = 1_024 + dice.throw(5_000);
    while text.len() < size {
        if dice.throw(8) == 0 {
            text += "\n## ";
            text += sentence(dice, words).trim_end();
            text += "\n\n";
        }
        for _ in 0..3 + dice.throw(4) {
            text += &sentence(dice, words);
        }
        text += "with *stress* and [a link](../other/).\n\n";
    }
    text
}

/// Writes `count` articles below `dir`, a thousand to a folder.
pub fn write(dir: &Path, count: usize, categories: usize) -> std::io::Result<()> {
    let mut dice = Dice::new(5);
    for number in 0..count {
        let folder = dir.join(format!("{:03}", number / 1_000));
        if number % 1_000 == 0 {
            std::fs::create_dir_all(&folder)?;
        }
        std::fs::write(
            folder.join(format!("a{number}.md")),
            article(&mut dice, number, categories),
        )?;
    }
    Ok(())
}
