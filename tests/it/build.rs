//! `syndic build` and what it makes of articles.

use crate::kit::{CONFIG, Site, article, titles, tree};

#[test]
fn a_second_build_writes_nothing() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.build(0);
    let before = tree(&site.path("feeds"));
    let said = site.build(0);
    assert!(said.contains("0 files written"), "{said}");
    assert_eq!(tree(&site.path("feeds")), before);
}

#[test]
fn newest_first_then_by_id() {
    let site = Site::new();
    site.article("b.md", "B", "2024-01-01");
    site.article("a.md", "A", "2024-01-01");
    site.article("c.md", "C", "2025-01-01");
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["C", "A", "B"]);
}

#[test]
fn categories_are_trees() {
    let site = Site::new();
    site.article("Thể thao/Bóng đá/a.md", "A", "2024-01-01");
    site.article("the-thao/b.md", "B", "2024-01-02");
    site.write("c.md", "---\ntitle: C\ndate: 2024-01-03\ncategory: thể  thao / Bóng Đá\n---\nx\n");
    site.write("quan-5/d.md", "---\ntitle: D\ndate: 2024-01-04\ncategory: Quận 5\n---\nx\n");
    site.article("quan-5/e.md", "E", "2024-01-05");
    site.build(0);
    assert_eq!(titles(&site.feed("category/the-thao/bong-da.json")), ["C", "A"]);
    assert_eq!(titles(&site.feed("category/the-thao.json")), ["C", "B", "A"]);
    assert_eq!(titles(&site.feed("category/quan-5.json")), ["E", "D"]);
    assert_eq!(site.feed("category/quan-5.json")["title"], "Quận 5 – Test");
}

#[test]
fn names_with_one_slug_are_told_apart() {
    let site = Site::new();
    for (file, category) in [("a.md", "C"), ("b.md", "C++"), ("c.md", "C#")] {
        let date = "2024-01-01";
        site.write(
            file,
            format!("---\ntitle: {file}\ndate: {date}\ncategory: \"{category}\"\n---\nx\n"),
        );
    }
    let said = site.build(0);
    assert_eq!(titles(&site.feed("category/c.json")), ["a.md"]);
    assert_eq!(titles(&site.feed("category/c-2.json")), ["c.md"]);
    assert_eq!(titles(&site.feed("category/c-3.json")), ["b.md"]);
    assert!(said.contains("has the slug of another name"), "{said}");
}

#[test]
fn a_category_that_had_a_feed_keeps_it() {
    let site = Site::new();
    site.article("old/a.md", "A", "2024-01-01");
    site.article("b.md", "B", "2024-01-01");
    site.build(0);
    site.remove("old/a.md");
    site.build(0);
    assert!(titles(&site.feed("category/old.json")).is_empty());
    assert_eq!(titles(&site.feed("all.json")), ["B"]);
}

#[test]
fn what_is_hidden_or_not_yet_due_is_in_no_feed() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    for (file, field) in [
        ("draft.md", "draft: true"),
        ("hidden.md", "published: false"),
        ("status.md", "status: draft"),
        ("expired.md", "expiryDate: 2025-01-01"),
        ("future.md", "publishDate: 2199-01-01"),
    ] {
        site.write(file, format!("---\ntitle: {file}\ndate: 2024-01-01\n{field}\n---\nx\n"));
    }
    site.article("README.md", "Readme", "2024-01-01");
    site.article("index.md", "Index", "2024-01-01");
    site.article("_drafts/x.md", "X", "2024-01-01");
    site.article(".git/x.md", "X", "2024-01-01");
    site.article("node_modules/x.md", "X", "2024-01-01");
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["A"]);
}

#[test]
fn what_became_due_between_two_builds_appears() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    let due = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(5);
    site.write("b.md", format!("---\ntitle: B\ndate: {due}\n---\nx\n"));
    site.write("c.md", format!("---\ntitle: C\ndate: 2024-01-02\nexpiryDate: {due}\n---\nx\n"));
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["C", "A"]);
    while jiff::Timestamp::now() <= due {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["B", "A"]);
}

#[test]
fn a_folder_that_gets_its_name_later_is_renamed_everywhere() {
    let site = Site::with_config(&format!("{CONFIG}\n[feeds]\nentries = 1\n"));
    site.article("quan-5/a.md", "A", "2024-01-02");
    site.article("z/z.md", "Z", "2024-01-03");
    site.build(0);
    assert_eq!(site.feed("category/quan-5.json")["title"], "quan-5 – Test");
    // Too old for any window, but it tells the category's name.
    site.write("b.md", "---\ntitle: B\ndate: 2020-01-01\ncategory: Quận 5\n---\nx\n");
    site.build(0);
    assert_eq!(site.feed("category/quan-5.json")["title"], "Quận 5 – Test");
    assert_eq!(site.feed("category/quan-5.json")["items"][0]["tags"][0], "Quận 5");
}

#[test]
fn custom_feeds_follow_their_rules() {
    let config = format!(
        "{CONFIG}\n[feeds]\nby = [\"category\", \"tag\", \"author\", \"language\"]\n\
         [[feeds.custom]]\nname = \"desk\"\nany = [\"category:a\", \"tag:x\"]\nnone = [\"tag:ad\"]\n"
    );
    let site = Site::with_config(&config);
    site.article("a/one.md", "One", "2024-01-01");
    let with = |tags: &str| {
        format!(
            "---\ntitle: T {tags}\ndate: 2023-01-01\nauthor: Bà Ba\nlang: vi\ntags: [{tags}]\n---\nx\n"
        )
    };
    site.write("two.md", with("x"));
    site.write("a/three.md", with("ad"));
    site.build(0);
    assert_eq!(titles(&site.feed("desk.json")), ["One", "T x"]);
    assert_eq!(titles(&site.feed("tag/ad.json")), ["T ad"]);
    assert_eq!(titles(&site.feed("author/ba-ba.json")).len(), 2);
    assert_eq!(titles(&site.feed("language/vi.json")).len(), 2);
}

#[test]
fn windows_cut_by_number_and_by_bytes() {
    let site = Site::with_config(&format!(
        "{CONFIG}\n[feeds]\nentries = 2\n[feeds.\"category/a\"]\nentries = 1\ntitle = \"Own\"\n"
    ));
    for n in 1..=4 {
        site.article(&format!("a/{n}.md"), &format!("T{n}"), &format!("2024-01-0{n}"));
    }
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["T4", "T3"]);
    assert_eq!(titles(&site.feed("category/a.json")), ["T4"]);
    assert_eq!(site.feed("category/a.json")["title"], "Own");

    let site = Site::with_config(&format!("{CONFIG}\n[feeds]\nmax_bytes = 40000\n"));
    for n in 1..=9 {
        let body = "word ".repeat(2_000);
        site.write(
            &format!("{n}.md"),
            format!("---\ntitle: T{n}\ndate: 2024-01-0{n}\n---\n{body}\n"),
        );
    }
    site.build(0);
    for format in ["rss", "atom", "json"] {
        let length = std::fs::metadata(site.path(&format!("feeds/all.{format}"))).unwrap().len();
        assert!((20_000..=40_000).contains(&length), "{format}: {length}");
    }
    assert_eq!(titles(&site.feed("all.json"))[..2], ["T9", "T8"]);
}

#[test]
fn every_url_is_absolute_and_nothing_acts() {
    let site = Site::new();
    site.write(
        "a/post.md",
        "---\ntitle: T\ndate: 2024-01-01\nimage: cover.png\n---\n\
         [rel](other/) ![i](i.png) <a href=\"javascript:x()\" onclick=\"y()\">z</a>\n\n\
         <script>alert(1)</script><iframe src=\"//evil.example\"></iframe>\n",
    );
    site.build(0);
    let item = &site.feed("all.json")["items"][0];
    let html = item["content_html"].as_str().unwrap();
    assert!(html.contains("href=\"https://test.example/a/post/other/\""), "{html}");
    assert!(html.contains("src=\"https://test.example/a/post/i.png\""), "{html}");
    for never in ["javascript", "onclick", "script", "iframe"] {
        assert!(!html.contains(never), "{html}");
    }
    assert_eq!(item["image"], "https://test.example/a/post/cover.png");
}

#[test]
fn markdown_is_githubs() {
    let site = Site::new();
    site.write(
        "a.md",
        "---\ntitle: T\ndate: 2024-01-01\n---\n| a | b |\n|---|---|\n| 1 | 2 |\n\n~~gone~~ https://x.example/ [^1]\n\n[^1]: note\n",
    );
    site.build(0);
    let html = site.feed("all.json")["items"][0]["content_html"].as_str().unwrap().to_string();
    for part in
        ["<table>", "<td>1</td>", "<del>gone</del>", "href=\"https://x.example/\"", "<sup>", "note"]
    {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(!html.contains("[^1]"), "{html}");
}

#[test]
fn front_matter_comes_in_three_forms() {
    let site = Site::new();
    site.write("a.md", "---\ntitle: Yaml\ndate: 2024-01-03\n---\nx\n");
    site.write("b.md", "+++\ntitle = \"Toml\"\ndate = 2024-01-02\n+++\nx\n");
    site.write("c.md", "{\"title\": \"Json\", \"date\": \"2024-01-01\"}\n\nx\n");
    site.write("d.html", "---\ndate: 2023-01-01\n---\n<h2>Html</h2><p>x</p>\n");
    site.write("e.md", "# From the heading\n\nText.\n");
    site.build(0);
    let all = titles(&site.feed("all.json"));
    assert_eq!(all, ["From the heading", "Yaml", "Toml", "Json", "Html"]);
}

#[test]
fn an_undated_article_is_pinned_when_first_seen() {
    let site = Site::new();
    site.write("a.md", "---\ntitle: A\n---\nx\n");
    site.build(0);
    let date = |site: &Site| site.feed("all.json")["items"][0]["date_published"].clone();
    let first = date(&site);
    site.touch("a.md", 1_000_000_000);
    site.build(0);
    assert_eq!(date(&site), first);
    site.write("a.md", "---\ntitle: A\ndate: 2020-02-02\n---\nx\n");
    site.build(0);
    assert_eq!(date(&site), "2020-02-02T00:00:00+07:00");
}

#[test]
fn updated_moves_with_the_content_only() {
    let site = Site::new();
    site.article("a.md", "A", "2024-01-01");
    site.build(0);
    let updated = |site: &Site| site.feed("all.json")["items"][0]["date_modified"].clone();
    assert_eq!(updated(&site), "2024-01-01T00:00:00+07:00");
    // Another line end, and a field that readers do not see.
    site.write(
        "a.md",
        article("A", "2024-01-01").replace('\n', "\r\n").replace("date:", "layout: x\r\ndate:"),
    );
    site.build(0);
    assert_eq!(updated(&site), "2024-01-01T00:00:00+07:00");
    site.write("a.md", article("A", "2024-01-01") + "More.\n");
    site.build(0);
    assert_ne!(updated(&site), "2024-01-01T00:00:00+07:00");
}

#[test]
fn summaries_follow_marker_author_lead() {
    let site = Site::new();
    let body = "First sentence of the lead, quite long enough. Second one.\n\n<!-- more -->\n\nRest of it.\n";
    site.write("a.md", format!("---\ntitle: A\ndate: 2024-01-03\nsummary: Own.\n---\n{body}"));
    site.write(
        "b.md",
        format!(
            "---\ntitle: B\ndate: 2024-01-02\ndescription: Own *words*.\n---\n{}",
            body.replace("<!-- more -->", "")
        ),
    );
    site.write(
        "c.md",
        format!("---\ntitle: C\ndate: 2024-01-01\n---\n{}", body.replace("<!-- more -->", "")),
    );
    site.build(0);
    let feed = site.feed("all.json");
    let summary = |at: usize| feed["items"][at]["summary"].as_str().unwrap().to_string();
    assert_eq!(summary(0), "First sentence of the lead, quite long enough. Second one.");
    assert_eq!(summary(1), "Own words.");
    assert!(summary(2).starts_with("First sentence of the lead, quite long enough. Second one."));
}

/// An archive is filed some files at a time, and names are given in the order of bytes
/// all the same, whichever came first.
#[test]
fn names_of_an_archive_are_given_in_their_order() {
    let site = Site::new();
    let write = |path: String, category: &str| {
        let text = format!("---\ntitle: T\ndate: 2024-01-01\ncategory: {category}\n---\n\nText.\n");
        site.write(&path, text);
    };
    for number in 0..300 {
        write(format!("a{number:04}.md"), "Đời sống");
    }
    write("z.md".into(), "Doi song");
    site.build(0);
    assert_eq!(site.feed("category/doi-song.json")["title"], "Doi song – Test");
    assert_eq!(site.feed("category/doi-song-2.json")["title"], "Đời sống – Test");
    assert_eq!(site.feed("category/doi-song.json")["items"].as_array().unwrap().len(), 1);
}

#[test]
fn text_may_be_summaries_only() {
    let site = Site::with_config(&format!("{CONFIG}\n[feeds]\ntext = \"summary\"\n"));
    site.article("a.md", "A", "2024-01-01");
    site.build(0);
    let item = &site.feed("all.json")["items"][0];
    assert!(item["content_html"].is_null());
    assert_eq!(item["content_text"], "The body of the article A.");
    let atom = std::fs::read_to_string(site.path("feeds/all.atom")).unwrap();
    assert!(!atom.contains("<content"), "{atom}");
}

/// Where nobody names it, the language of what is shown is told from its text; of the rest only
/// where feeds or addresses are made of it.
#[test]
fn a_language_that_nobody_names_is_told_from_the_text() {
    let french = "Le pont sur la rivière était fermé pendant tout l'hiver, disaient les habitants \
                  du village, et personne ne savait quand il serait ouvert de nouveau.";
    let told = |more: &str| {
        let site = Site::with_config(&format!("{CONFIG}\n{more}"));
        site.write("a.md", format!("---\ntitle: A\ndate: 2024-01-01\n---\n\n{french}\n"));
        site.write("b.md", format!("---\ntitle: B\ndate: 2023-01-01\n---\n\n{french}\n"));
        site.write("c.md", "---\ntitle: C\ndate: 2022-01-01\nlang: eo\n---\n\nSaluton.\n");
        site.build(0);
        let explained = site.explain("a.md");
        assert_eq!(
            (&explained["language"], &explained["from"]["language"]),
            (&"fr".into(), &"detected".into())
        );
        assert_eq!(site.feed("all.json")["items"][0]["language"], "fr", "{more}");
        assert_eq!(site.feed("all.json")["items"][0]["url"], explained["link"], "{more}");
        site
    };
    told("[feeds]\nentries = 1\n");
    let site = told("[feeds]\nby = [\"language\"]\nentries = 1\n");
    assert_eq!(site.feed("language/fr.json")["items"][0]["title"], "A");
    assert_eq!(site.feed("language/eo.json")["items"][0]["title"], "C");
    let site = told("[[feeds.custom]]\nname = \"french\"\nany = [\"language:fr\"]\n");
    assert_eq!(titles(&site.feed("french.json")), ["A", "B"]);
    let site = told("[content]\npermalink = \"/:lang/:title/\"\n");
    let link = |at: usize| site.feed("all.json")["items"][at]["url"].as_str().unwrap().to_string();
    assert!(link(1).ends_with("/fr/b/"), "{}", link(1));
    assert!(link(2).ends_with("/eo/c/"), "{}", link(2));
}

/// `explain` shows the language that the feeds have, not what the text alone would tell.
#[test]
fn the_sites_language_counts_more_than_a_detected_one() {
    let site = Site::with_config(&format!("language = \"pl\"\n{CONFIG}"));
    let text = "The bridge across the river was closed for the whole of the winter, they said.";
    site.write("a.md", format!("---\ntitle: A\ndate: 2024-01-01\n---\n\n{text}\n"));
    site.build(0);
    assert_eq!(site.feed("all.json")["items"][0]["language"], "pl");
    assert_eq!(site.explain("a.md")["language"], "pl");
}
