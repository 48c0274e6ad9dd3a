//! Mistakes in `config.toml`: each with its place, the fact and the mend.

use crate::kit::{CONFIG, Site, said, syndic};

fn check(config: &str, expected: &[&str]) {
    let site = Site::with_config(config);
    for command in ["build", "serve"] {
        let output = site.run(&[command]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for part in expected {
            assert!(said.contains(part), "{part:?} is not in\n{said}");
        }
    }
}

#[test]
fn mistakes_are_shown() {
    let base = "title = \"T\"\nurl = \"https://t.example/\"\n";
    let with = |more: &str| format!("{base}{more}\n");
    check("url = \"https://t.example/\"", &["`title` is missing", "config.toml", "title = "]);
    check("title = \"T\"", &["`url` is missing"]);
    check(
        "title = \"T\"\nurl = \"t.example\"",
        &["config.toml:2", "no address", "url = \"t.example\"", "^^^"],
    );
    check(
        &with("langauge = \"vi\""),
        &["config.toml:3", "unknown key `langauge`", "did you mean `language`?", "^^^"],
    );
    check(
        &with("[feeds]\ndir = \"./\""),
        &["config.toml:4", "the content directory lies in the feeds directory"],
    );
    check(&with("[feed]\nentries = 3"), &["unknown key `feed`", "did you mean `feeds`?"]);
    check(
        &with("[feeds]\nentires = 3"),
        &["config.toml:4", "unknown key `entires` in `[feeds]`", "did you mean `entries`?"],
    );
    check(&with("[content]\nentries = 3"), &["`entries` belongs into `[feeds]`"]);
    check(&with("[feeds]\nentries = 0"), &["no number of entries"]);
    check(&with("[feeds]\nentries = \"most\""), &["no number of entries"]);
    check(&with("[feeds]\nentries = true"), &["config.toml:4"]);
    check(
        &with("[feeds]\nby = [\"category\", \"colour\"]"),
        &["\"colour\"", "one of: category, tag, author, language"],
    );
    check(&with("timezone = \"Saigon/Asia\""), &["no time zone of this name"]);
    check(&with("language = \"tiếng Việt\""), &["no language tag"]);
    check(&with("title = \"again\""), &["config.toml:3", "put the two together"]);
    check(&with("[server]\nlisten = \"8080\""), &["`8080` is no address"]);
    check(
        &with("[server]\nlisten = \"0.0.0.0:80\""),
        &["where readers find the feeds is not known"],
    );
    check(&with("[server]\nlisten = []"), &["nothing to listen at"]);
    check(&with("[server]\nmax_age = \"five\""), &["config.toml:4", "expected a whole number"]);
    check(&with("[feeds]\nby = \"tag\""), &["config.toml:4", "expected a list, such as"]);
    check(&with("author = 5"), &["a name, or { name, email, url }, is wanted here"]);
    check("base_url = \"https://x.example\"", &["this is a generator's config"]);
    check(&with("[server]\nlisten = 8080"), &["config.toml:4"]);
    check(&with("[content]\nflavour = \"hugoo\""), &["no flavour of this name", "hugo, zola"]);
    check(&with("[content]\npermalink = \"/:yaer/\""), &["`:yaer` means nothing"]);
    check(&with("[content]\nexclude = [\"a[\"]"), &["no pattern"]);
    check(&with("[ids]\nprefix = \"urn:x\""), &["RFC 4151"]);
    check(&with("[[feeds.custom]]\nname = \"a\"\nany = [\"colour:x\"]"), &["no rule"]);
    check(&with("[[feeds.custom]]\nname = \"all\""), &["there is a feed named `all` already"]);
    check(
        &with("[[feeds.custom]]\nname = \"a\"\n[[feeds.custom]]\nname = \"a\""),
        &["there is a feed named `a` already"],
    );
    check(&with("[[feeds.custom]]\nname = \"A b\""), &["not fit for a URL", "\"a-b\""]);
    check(&with("[feeds.\"category/x\"]\ntitel = \"X\""), &["titel"]);
    check(&with("[feeds]\ndir = \"content\""), &["the same"]);
    check("title = \"T\nurl = 3", &["config.toml:1"]);
    // All of them at once.
    check(
        "titel = 1\nulr = 2\nlanguage = \"?\"\n",
        &["did you mean `title`?", "did you mean `url`?", "no language tag"],
    );
}

#[test]
fn a_missing_config_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let output = syndic().arg("build").current_dir(dir.path()).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("config.toml") && said.contains("syndic init"), "{said}");
}

#[test]
fn what_means_nothing_is_told() {
    let site = Site::with_config(&format!("{CONFIG}\n[feeds.\"category/nope\"]\ntitle = \"N\"\n"));
    let told = |site: &Site| String::from_utf8(site.run(&["check"]).stdout).unwrap();
    let said = told(&site);
    assert!(said.contains("config.toml: warning: no articles in "), "{said}");
    assert!(said.contains("`[feeds.\"category/nope\"]`: there is no such feed"), "{said}");
    site.article("nope/a.md", "A", "2024-01-01");
    assert_eq!(told(&site), "");
}

#[test]
fn every_key_is_understood() {
    let site = Site::with_config(
        r#"
title = "T"
url = "https://t.example/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
description = "D"
author = "A <a@t.example>"
rights = "R"
logo = "/l.png"
[ids]
prefix = "tag:t.example,2020:"
[state]
dir = "state"
[content]
dir = "content"
flavour = "plain"
permalink = "/:year/:month/:slug/"
include = ["**/*.md"]
exclude = ["x/**"]
rescan = 60
max_size = 100000
[feeds]
dir = "out"
entries = "all"
text = "full"
by = ["category", "tag", "author", "language"]
summary = "lead"
summary_length = 200
max_bytes = 500000
gone = ["category/g"]
moved = { "category/o" = "category/n" }
[feeds."category/n"]
title = "N"
description = "ND"
language = "en"
entries = 5
text = "summary"
[[feeds.custom]]
name = "c"
title = "C"
any = ["category:n"]
all = ["tag:t"]
none = ["author:x"]
[server]
listen = ["127.0.0.1:0"]
url = "https://feeds.t.example/x/"
max_age = 600
cors = false
trusted_proxies = ["127.0.0.1", "10.0.0.0/8", "::1"]
"#,
    );
    site.article("n/a.md", "A", "2024-01-01");
    site.article("x/b.md", "B", "2024-01-01");
    site.write("c.txt", "Not included\n\ntext");
    site.build(0);
    let feed = std::fs::read(site.path("out/all.json")).unwrap();
    let feed: serde_json::Value = serde_json::from_slice(&feed).unwrap();
    assert_eq!(feed["items"].as_array().unwrap().len(), 1);
    assert_eq!(feed["items"][0]["url"], "https://t.example/2024/01/a/");
    assert_eq!(feed["items"][0]["id"], "tag:t.example,2020:n/a.md");
    assert_eq!(feed["feed_url"], "https://feeds.t.example/x/all.json");
    assert!(site.path("state/ledger.sqlite").exists());
    let daemon = site.serve();
    let response = daemon.get("/all.rss");
    assert_eq!(response.header("cache-control"), Some("public, max-age=600"));
    assert_eq!(response.header("access-control-allow-origin"), None);
    daemon.request("GET", "/all.rss", &[("X-Forwarded-For", "203.0.113.9")]);
    daemon.until("the client's own address in the log", |daemon| {
        daemon.said().contains("203.0.113.9")
    });
}

#[test]
fn init_writes_a_config_that_works() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("content")).unwrap();
    std::fs::create_dir(dir.path().join("content/blog")).unwrap();
    let article = crate::kit::article("A", "2024-01-01");
    std::fs::write(dir.path().join("content/blog/a.md"), article).unwrap();
    let run = |args: &[&str]| syndic().args(args).current_dir(dir.path()).output().unwrap();
    let output = run(&["init"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("plain site, 1 file that"));
    let output = run(&["build"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(dir.path().join("feeds/all.rss").exists());
    let said = said(&output);
    assert!(said.contains("`url` is still https://www.example.org/"), "{said}");
    let output = run(&["init"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("there is already")
            || String::from_utf8_lossy(&output.stderr).contains("is there already")
    );
    // Every line that is commented out is right too.
    let config = std::fs::read_to_string(dir.path().join("config.toml")).unwrap();
    let uncommented: String = config
        .lines()
        .skip(1)
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| rest.contains('=') || rest.starts_with('['))
                .unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(dir.path().join("config.toml"), &uncommented).unwrap();
    let output = run(&["build"]);
    assert!(output.status.success(), "{uncommented}\n{}", String::from_utf8_lossy(&output.stderr));
}
