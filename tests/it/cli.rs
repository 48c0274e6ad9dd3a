//! The commands, as people use them.

use crate::kit::{Daemon, Site, skip, syndic};

#[test]
fn help_fits_a_screen() {
    let output = syndic().arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.lines().count() <= 24, "{text}");
    for command in ["serve", "build", "check", "explain", "init", "holds", "accept"] {
        assert!(text.contains(command), "{command}");
    }
    let version = syndic().arg("--version").output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&version.stdout).trim(),
        concat!("syndic ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn no_command_means_serve() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    Daemon::spawn(syndic().current_dir(site.dir.path())).stop();
}

#[test]
fn completions_and_manual_come_from_the_same_definition() {
    for shell in ["bash", "zsh", "fish"] {
        let output = syndic().args(["completions", shell]).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains("explain"), "{shell}");
    }
    let output = syndic().arg("man").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with(".ie"), "no roff");
}

#[test]
fn check_prints_places_and_counts() {
    let site = Site::new();
    site.article("ok.md", "Ok", "2024-01-01");
    assert_eq!(site.run(&["check"]).status.code(), Some(0));
    site.write("bad.md", "---\ntitle: Bad\nlayout: x\ndate: someday\n---\nx\n");
    let output = site.run(&["check"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("content/bad.md:4: `date: someday` is no date"), "{said}");
    assert!(
        !site.path("feeds").exists() && !site.path(".syndic").exists(),
        "check leaves no trace"
    );
}

#[test]
fn check_tells_of_files_that_are_included() {
    let site = Site::new();
    site.write("a.adoc", "= A\n\nText.\n\ninclude::b.adoc[]\n\ninclude::c.adoc[]\n");
    site.write("b.rst", "B\n=\n\n.. include:: c.rst\n");
    site.write("c.org", "#+TITLE: C\n\nText.\n\n#+INCLUDE: \"d.org\" src\n");
    site.write("d.md", "---\ntitle: D\n---\ninclude::x[]\n");
    let said = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    for line in [
        "a.adoc:5: warning: `include::b.adoc[]` is left out: files that are included are not read, \
         nor is what another line includes\n",
        "b.rst:4: warning: `.. include:: c.rst` is left out: files that are included are not read\n",
        "c.org:5: warning: `#+INCLUDE: \"d.org\" src` is left out",
    ] {
        assert!(said.contains(line), "{line}{said}");
    }
    assert!(!said.contains("d.md:"), "{said}");
}

#[test]
fn check_tells_of_links_that_lead_nowhere() {
    let site = Site::new();
    let links: String = (0..12).map(|n| format!("[n](gone-{n:02}.md)\n")).collect();
    site.write("a.md", "---\ntitle: A\n---\n\n[b](b.md#x), [c](<c d.md>),\n[c](c%20d.md#y).\n");
    site.write(
        "b.md",
        format!("---\ntitle: B\n---\n\n[a](a.md) [w](https://w.example/w.md)\n\n{links}"),
    );
    let said = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("warning:")).collect();
    let gone = "which is no article of these feeds: readers cannot follow it";
    assert_eq!(lines.len(), 13, "{said}");
    assert!(lines[0].ends_with(&format!("a.md:5: warning: a link leads to `c d.md`, {gone}")));
    assert!(lines[1].ends_with(&format!("a.md:6: warning: a link leads to `c%20d.md`, {gone}")));
    assert!(lines[2].ends_with(&format!("b.md:7: warning: a link leads to `gone-00.md`, {gone}")));
    assert!(lines[12].ends_with("b.md:17: warning: 2 more such links from here on"), "{said}");
    // A build does not go on about what only its author can mend.
    let built = site.run(&["build"]);
    assert!(!crate::kit::said(&built).contains("leads to"), "{}", crate::kit::said(&built));
    site.write("c d.md", "---\ntitle: C\n---\n\nC.\n");
    let said = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    assert!(!said.contains("a.md"), "{said}");
}

/// Articles of a kind that is not read are not passed over in silence.
#[test]
fn check_tells_of_kinds_that_are_not_read() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    for name in ["news/one.textile", "news/two.textile", "README.textile", "b.ipynb", "picture.svg"]
    {
        site.write(name, "x\n");
    }
    let output = site.run(&["check"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("news/one.textile: warning: `.textile` is not read, as is 1 other\n"),
        "{said}"
    );
    assert!(said.contains("b.ipynb: warning: `.ipynb` is not read\n"), "{said}");
    assert!(!said.contains("README") && !said.contains("svg"), "{said}");
}

#[test]
fn explain_names_the_rule_of_every_field() {
    let site = Site::new();
    site.write(
        "Đời sống/2024-05-06-bai.md",
        "---\nlayout: x\ntags: a, b\nauthor: An\naudio: /a.mp3\n---\n# The heading\n\nA sentence that is the lead of it.\n",
    );
    let read = site.explain("Đời sống/2024-05-06-bai.md");
    let keys: Vec<&String> = read.as_object().unwrap().keys().collect();
    for key in "path id title link published updated authors categories tags language image summary text from".split(' ') {
        assert!(keys.contains(&&key.to_string()), "{key}");
    }
    assert_eq!(keys.len(), 14);
    assert_eq!(read["title"], "The heading");
    assert_eq!(read["published"], "2024-05-06T00:00:00+07:00");
    assert_eq!(read["categories"], serde_json::json!(["Đời sống"]));
    assert_eq!(read["text"], "A sentence that is the lead of it.");
    let from = &read["from"];
    assert_eq!(from["title"], "first heading");
    assert_eq!(from["published"], "path");
    assert_eq!(from["categories"], "folder");
    assert_eq!(from["tags"], "front matter: tags");
    assert_eq!(from["authors"], "front matter: author");
    assert_eq!(from["summary"], "lead");
    let people = site.run(&["explain", "Đời sống/2024-05-06-bai.md"]);
    let said = String::from_utf8_lossy(&people.stdout).into_owned();
    assert!(said.contains("The heading") && said.contains("└ first heading"), "{said}");
    assert!(said.contains("enclosures  https://test.example/a.mp3"), "{said}");
    assert_eq!(site.run(&["explain", "nowhere.md"]).status.code(), Some(2));
}

#[test]
fn build_says_what_it_did_without_a_terminal() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let said = site.build(0);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("1 article, 5 files written, 0 unchanged, 0 problems, "), "{said}");
    assert!(!said.contains('\u{1b}'), "colour without a terminal");
    assert!(site.run(&["-q", "build"]).stderr.is_empty());
    let accepted = String::from_utf8(site.run(&["accept"]).stdout).unwrap();
    assert!(accepted.starts_with("everything accepted"), "{accepted}");
}

/// `script` gives it a terminal.
#[test]
fn build_shows_a_bar_on_a_terminal() {
    let site = Site::new();
    for n in 0..300 {
        site.article(&format!("{n}.md"), "T", "2024-01-01");
    }
    let output = std::process::Command::new("script")
        .args(["-qec", &format!("{} build", env!("CARGO_BIN_EXE_syndic")), "/dev/null"])
        .env("TERM", "xterm")
        .current_dir(site.dir.path())
        .output();
    let Ok(output) = output else {
        skip("script is not on this machine");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("/300 files read"), "{said}");
    assert!(
        said.trim_end().lines().last().unwrap().contains("300 articles, 5 files written"),
        "{said}"
    );
}
