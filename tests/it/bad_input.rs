//! Bad files: a clear message with its place, nothing lost, nothing torn.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::kit::{CONFIG, Site, finish, said, titles};

/// One bad file beside a good one: the good one is published, the message says what and where.
fn check(name: &str, prepare: impl Fn(&Site), code: i32, expected: &[&str], published: &[&str]) {
    let site = Site::new();
    site.article("good.md", "Good", "2024-01-01");
    prepare(&site);
    let said = site.build(code);
    for part in expected {
        assert!(said.contains(part), "{name}: {part:?} is not in\n{said}");
    }
    assert_eq!(titles(&site.feed("all.json")), published, "{name}");
    // The daemon takes it as calmly.
    let daemon = site.serve();
    daemon.until_titles("/all.json", published);
    site.article("later.md", "Later", "2024-06-01");
    daemon.until("the later one", |daemon| {
        let mut titles = titles(&daemon.feed("/all.json"));
        let later = titles.iter().position(|title| title == "Later");
        later.is_some_and(|at| {
            titles.remove(at);
            titles == published
        })
    });
}

#[test]
fn bytes_that_are_no_article() {
    check("empty", |site| site.write("bad.md", ""), 1, &["bad.md: the file is empty"], &["Good"]);
    check(
        "binary",
        |site| site.write("bad.md", b"\x7fELF\x00\x01\x02\x00\xff\xfe".repeat(50)),
        1,
        &["bad.md: a binary file"],
        &["Good"],
    );
    check(
        "not UTF-8",
        |site| {
            site.write("bad.md", b"---\ntitle: Caf\xe9 d\xe9j\xe0 vu\ndate: 2023-01-01\n---\nL'\xe9t\xe9 \xe0 la mer.\n")
        },
        0,
        &["bad.md:2: warning: not UTF-8", "0xE9", "windows-1252"],
        &["Good", "Café déjà vu"],
    );
    check(
        "too large",
        |site| {
            let file = std::fs::File::create(site.path("content/bad.md")).unwrap();
            file.set_len(100 * 1024 * 1024).unwrap();
        },
        1,
        &["bad.md: 104857600 bytes, more than the 1048576 of `[content] max_size`"],
        &["Good"],
    );
}

#[test]
fn front_matter_that_is_none() {
    check(
        "never closed",
        |site| site.write("bad.md", "---\ntitle: Bad\ndate: 2023-01-01\n\nText.\n"),
        1,
        &["bad.md:1: the front matter that opens here is never closed"],
        &["Good"],
    );
    check(
        "bad YAML",
        |site| site.write("bad.md", "---\ntitle: Bad\ntags: [a, b\n---\nText.\n"),
        1,
        &["bad.md:3: bad YAML", "bad.md:"],
        &["Good"],
    );
    check(
        "bad TOML",
        |site| site.write("bad.md", "+++\ntitle = \"Bad\"\ndate = \n+++\nText.\n"),
        1,
        &["bad.md:3: bad TOML"],
        &["Good"],
    );
    check(
        "no date",
        |site| site.write("bad.md", "---\ntitle: Bad\ndate: 2024-02-31\n---\nText.\n"),
        1,
        &["bad.md:3: `date: 2024-02-31` is a date that does not exist"],
        &["Bad", "Good"],
    );
    check(
        "no date in Docusaurus' form",
        |site| {
            let fields = "title: Bad\ndate: 2023-01-01\nlast_update:\n  date: soon";
            site.write("bad.md", format!("---\n{fields}\n---\nText.\n"))
        },
        1,
        &["bad.md:4: `last_update: soon` is no date"],
        &["Good", "Bad"],
    );
}

/// Where only dated pages are articles, a slip of the pen is no wish to be left out.
#[test]
fn a_date_that_cannot_be_read_takes_no_entry_out() {
    let site = Site::with_config(
        "title = \"T\"\nurl = \"https://a.example/\"\n[content]\nflavour = \"pelican\"\n",
    );
    site.article("a.md", "A", "2024-01-01");
    site.article("b.md", "B", "2024-01-02");
    site.build(0);
    let before = site.feed("all.json");
    site.article("a.md", "A again", "2024-01-32");
    site.article("new.md", "New", "2024-02-30");
    site.article("page.md", "Page", "''");
    site.write("draft.md", "---\ntitle: Draft\ndate: soon\ndraft: true\n---\n\nx\n");
    let told = site.build(1);
    assert!(told.contains("a.md:3: `date: 2024-01-32`"), "{told}");
    assert!(told.contains("its entry stays as it was, or out of the feeds"), "{told}");
    assert_eq!(site.feed("all.json"), before);
    site.article("a.md", "A again", "2024-01-01");
    site.build(1);
    assert!(site.ids("all.json")[1].0.contains("A again"));
    assert_eq!(site.ids("all.json").len(), 2);
}

#[test]
fn fields_of_the_wrong_shape() {
    let fields = |fields: &'static str| {
        move |site: &Site| site.write("bad.md", format!("---\n{fields}\n---\nText.\n"))
    };
    check(
        "a template's date",
        fields("title: Bad\ndate: {{date}}"),
        1,
        &["bad.md:3: `date: ` is no date"],
        &["Bad", "Good"],
    );
    check(
        "a title that is none",
        fields("title: {a: b}\ndate: 2023-01-01"),
        0,
        &["bad.md:2: warning: `title` is no text"],
        &["Good", "Bad"],
    );
    check(
        "a language by its name",
        fields("title: Bad\nlang: Platt snack\ndate: 2023-01-01"),
        0,
        &["bad.md:3: warning: `lang: Platt snack` is no language tag"],
        &["Good", "Bad"],
    );
    check(
        "a zone that nobody knows",
        fields("title: Bad\ndate: 2023-01-01 10:30 XYZ"),
        1,
        &["bad.md:3: `date: 2023-01-01 10:30 XYZ` names a time zone that is not known"],
        &["Bad", "Good"],
    );
}

#[test]
fn what_is_no_regular_file() {
    check(
        "FIFO",
        |site| {
            let path = site.path("content/bad.md");
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        },
        1,
        &["bad.md: no regular file"],
        &["Good"],
    );
    let link = |site: &Site, target: &str, name: &str| {
        std::os::unix::fs::symlink(target, site.path("content").join(name)).unwrap();
    };
    check(
        "loop",
        |site| link(site, "bad.md", "bad.md"),
        1,
        &["bad.md: a symbolic link that leads round"],
        &["Good"],
    );
    check(
        "outside",
        |site| link(site, "/etc/hostname", "bad.md"),
        1,
        &["bad.md: a symbolic link out of the content"],
        &["Good"],
    );
    check(
        "nowhere",
        |site| link(site, "missing", "bad.md"),
        1,
        &["bad.md: a symbolic link that leads nowhere"],
        &["Good"],
    );
    for (name, target) in [("folder loop", "."), ("folder outside", "/etc")] {
        check(
            name,
            |site| link(site, target, "again"),
            0,
            &["again: warning: a symbolic link to a folder; it is not followed"],
            &["Good"],
        );
    }
    check(
        "no UTF-8 path",
        |site| {
            let name = OsStr::from_bytes(b"caf\xe9.md");
            std::fs::write(site.path("content").join(name), "text").unwrap();
        },
        1,
        &["the path is not UTF-8"],
        &["Good"],
    );
    check(
        "a folder's name that is no UTF-8",
        |site| {
            let folder = site.path("content").join(OsStr::from_bytes(b"caf\xe9"));
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("a.md"), "text").unwrap();
        },
        1,
        &["the path is not UTF-8"],
        &["Good"],
    );
}

#[test]
fn hostile_bodies() {
    check(
        "deep nesting",
        |site| {
            site.write(
                "bad.md",
                format!("---\ntitle: Deep\ndate: 2023-01-01\n---\n{}", "> ".repeat(50_000)),
            )
        },
        1,
        &["nested deeper than 512"],
        &["Good", "Deep"],
    );
    check(
        "deep HTML",
        |site| {
            site.write(
                "bad.html",
                format!("<html><title>Deep</title><body>{}", "<div>".repeat(50_000)),
            )
        },
        0,
        &["nested deeper than 512"],
        &["Bad", "Good"],
    );
    check(
        "YAML bomb",
        |site| {
            let mut bomb = String::from("---\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
            for n in 1..10 {
                bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","));
            }
            site.write("bad.md", bomb + "---\n");
        },
        1,
        &["unfolds to more than"],
        &["Good"],
    );
    check(
        "a page that a library trips over",
        |site| {
            site.write("bad.html", "<html lang=vi><head><title>Trang có phim trong bài viết</title></head><body><article><h1>Trang có phim trong bài viết</h1><p>Một đoạn văn đủ dài để được coi là bài, có dấu phẩy, có dấu chấm, và còn dài hơn nữa cho chắc chắn.</p><iframe title=\"Xem ở youtube.com\" src=\"https://ví-dụ.example/youtube.com/ở\"></iframe><p>Một đoạn văn nữa, cũng đủ dài, có dấu phẩy, để phần chính được nhận ra rõ ràng.</p></article></body></html>")
        },
        0,
        &[],
        &["Trang có phim trong bài viết", "Good"],
    );
}

/// What costs a naive reader minutes: all of it is done within the kit's deadline.
#[test]
fn hostile_sizes() {
    let config = format!("{CONFIG}\n[feeds]\ntext = \"summary\"\n");
    let site = Site::with_config(&config);
    let mega = |text: &str| text.repeat(1_000_000 / text.len());
    let front = |title: &str| format!("---\ntitle: {title}\ndate: 2023-01-01\n---\n");
    site.write("a.md", front("Www") + &mega("www. "));
    site.write("b.md", front("Brackets") + "http://a.b/" + &mega(")"));
    site.write("c.md", front("Quotes") + &mega("“He said. "));
    site.write("d.txt", mega("a\nb c\n"));
    site.write("e.txt", format!("A title of it\n\n{}", mega("word ")));
    site.write("f.md", front("Links") + &mega("[a]("));
    site.write("g.md", front("Stars") + &mega("*a_ "));
    site.write("h.html", format!("<html><title>Wide</title><body>{}", mega("<p>a b c.</p>")));
    let bomb: String = (0..500).map(|n| format!("<b id={n}>")).collect();
    site.write("j.html", format!("<html><title>Bomb</title>{bomb}{}", "<p>x".repeat(16_000)));
    site.write("k.md", front("Stray") + &"<div></b>".repeat(60_000));
    site.write("i.md", format!("{{{}\"z\":1}}", mega("\"a\":1,")));
    let daemon = site.serve();
    let titles = titles(&daemon.feed("/all.json"));
    // The pages that would take all memory stay as an entry without a body.
    let expected = ["Www", "Brackets", "Quotes", "a", "A title of it", "Links", "Stars", "Wide"];
    for title in expected.into_iter().chain(["J", "Stray"]) {
        assert!(titles.iter().any(|other| other == title), "{title} is not in {titles:?}");
    }
    assert_eq!(titles.len(), 10, "{titles:?}");
    for (path, complaint) in [
        ("i.md", "longer than"),
        ("j.html", "formatting that is opened and never closed"),
        ("k.md", "nested deeper than 512"),
    ] {
        let told = |line: &str| line.contains(path) && line.contains(complaint);
        assert!(daemon.said().lines().any(told), "{path}: {}", daemon.said());
    }
}

#[test]
fn an_unreadable_file_keeps_its_entry() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.article("b.md", "B", "2024-01-02");
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &str, mode: u32| {
        std::fs::set_permissions(site.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let Some(mut command) = site.unprivileged() else { return };
    command.arg("build");
    let mut build = || {
        let output = finish(&mut command);
        (output.status.code(), said(&output))
    };
    // A first run publishes what can be read, and says that there is more.
    site.article("sub/s.md", "S", "2023-01-01");
    mode("content/sub", 0o000);
    let (code, said) = build();
    assert_eq!(code, Some(3), "{said}");
    assert_eq!(titles(&site.feed("all.json")), ["B", "A"]);
    mode("content/sub", 0o755);
    std::fs::remove_dir_all(site.path("content/sub")).unwrap();
    let (code, said) = build();
    assert_eq!(code, Some(0), "{said}");
    site.article("a.md", "A2", "2024-01-01");
    mode("content/a.md", 0o000);
    let (code, said) = build();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("a.md: cannot be read: Permission denied"), "{said}");
    assert_eq!(titles(&site.feed("all.json")), ["B", "A"]);
    mode("content/a.md", 0o644);
    mode("content", 0o000);
    let (code, said) = build();
    assert_eq!(code, Some(3), "{said}");
    mode("content", 0o755);
    assert_eq!(titles(&site.feed("all.json")), ["B", "A"]);
}

#[test]
fn a_broken_article_keeps_its_last_good_entry() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.article("b.md", "B", "2024-01-02");
    site.build(0);
    let before = site.feed("all.json")["items"].clone();
    site.write("a.md", "---\ntitle: [broken\n---\nx\n");
    site.build(1);
    assert_eq!(site.feed("all.json")["items"], before);
    // Over a rename too.
    site.rename("a.md", "z.md");
    site.build(1);
    assert_eq!(site.feed("all.json")["items"][1]["id"], before[1]["id"]);
    site.write("z.md", crate::kit::article("A, mended", "2024-01-01"));
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["B", "A, mended"]);
    assert_eq!(site.feed("all.json")["items"][1]["id"], before[1]["id"]);
}

#[test]
fn places_that_are_not_there() {
    let site = Site::new();
    std::fs::remove_dir(site.path("content")).unwrap();
    for command in ["build", "serve", "check"] {
        let output = site.run(&[command]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("content") && said.contains("[content] dir"), "{command}: {said}");
    }
    // One that was there before is another matter: its loss costs no feed.
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.build(0);
    std::fs::remove_dir_all(site.path("content")).unwrap();
    let said = site.build(3);
    assert!(said.contains("is gone"), "{said}");
    assert_eq!(titles(&site.feed("all.json")), ["A"]);
}

#[test]
fn a_port_in_use() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let site = Site::with_config(&CONFIG.replace("127.0.0.1:0", &address));
    site.article("a.md", "A", "2024-01-01");
    let output = site.run(&["serve"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&address) && said.contains("another program uses it"), "{said}");
}
