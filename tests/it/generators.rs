//! What articles have from their site and their folders, and what becomes of it when that changes.

use crate::kit::{CONFIG, Site, article, item, said, titles};

fn hugo() -> Site {
    let site =
        Site::with_config("[content]\ndir = \"content\"\n[server]\nlisten = \"127.0.0.1:0\"\n");
    std::fs::write(
        site.path("hugo.toml"),
        "baseURL = \"https://hugo.example/\"\ntitle = \"Harbour\"\ntimeZone = \"Asia/Tokyo\"\n\
         [permalinks]\nposts = \"/:year/:slug/\"\n",
    )
    .unwrap();
    site.write(
        "posts/a.md",
        "---\ntitle: A ship\ndate: 2024-01-02 01:00:00\n---\n\nText {{< x >}}here{{< /x >}}.\n",
    );
    site
}

#[test]
fn the_sites_own_config_fills_what_ours_leaves_out() {
    let site = hugo();
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(feed["title"], "Harbour");
    let ship = item(&feed, "A ship");
    assert_eq!(ship["url"], "https://hugo.example/2024/a-ship/");
    assert_eq!(ship["date_published"], "2024-01-02T01:00:00+09:00");
    assert_eq!(ship["content_html"].as_str().unwrap().trim(), "<p>Text here.</p>");
    site.config("title = \"Ours\"\n[content]\npermalink = \"/x/:filename/\"\n");
    site.build(0);
    assert_eq!(site.feed("all.json")["title"], "Ours");
    assert_eq!(item(&site.feed("all.json"), "A ship")["url"], "https://hugo.example/x/a/");
}

#[test]
fn a_broken_config_of_the_site_is_told_and_passed_over() {
    let site = hugo();
    std::fs::write(site.path("hugo.toml"), "title = \"x\"\nbaseURL = [\n").unwrap();
    site.config("title = \"T\"\nurl = \"https://ours.example/\"\n");
    let output = site.run(&["check"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("hugo.toml:2: warning: bad TOML"), "{text} {}", said(&output));
}

#[test]
fn a_cascade_that_changes_reaches_the_articles_below() {
    let site = hugo();
    site.write("_index.md", "---\ncascade:\n  author: Ann\n---\n");
    site.write("posts/_index.md", "---\ntitle: Posts\ncascade:\n  tags: [sea]\n---\n");
    let daemon = site.serve();
    let authors = |daemon: &crate::kit::Daemon| {
        item(&daemon.feed("/all.json"), "A ship")["authors"][0]["name"].clone()
    };
    daemon.until("the cascade", |daemon| authors(daemon) == "Ann");
    let before = daemon.ids("/all.json");
    site.write("_index.md", "---\ncascade:\n  author: Bo\n---\n");
    daemon.until("the changed cascade", |daemon| authors(daemon) == "Bo");
    site.remove("_index.md");
    daemon.until("no cascade", |daemon| authors(daemon).is_null());
    let ship = item(&daemon.feed("/all.json"), "A ship");
    assert!(ship["tags"].to_string().contains("sea"), "{ship}");
    // Nothing that subscribers see as a change of the article.
    assert_eq!(daemon.ids("/all.json"), before);
    assert_eq!(ship["date_modified"], "2024-01-02T01:00:00+09:00");
    daemon.stop();
    // And while nobody was there to see it.
    site.write("posts/_index.md", "---\ntitle: Posts\ncascade:\n  tags: [land]\n---\n");
    site.build(0);
    assert!(item(&site.feed("all.json"), "A ship")["tags"].to_string().contains("land"));
    let explained = site.explain("posts/a.md");
    assert_eq!(explained["from"]["tags"], "posts/_index.md: tags");
}

#[test]
fn the_sites_own_config_is_watched() {
    let site = hugo();
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A ship"]);
    let text = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
    std::fs::write(site.path("hugo.toml"), text.replace("Harbour", "Haven")).unwrap();
    daemon.until("the new title", |daemon| daemon.feed("/all.json")["title"] == "Haven");
}

#[test]
fn files_of_a_bundle_are_no_articles() {
    let site = hugo();
    site.write("posts/bundle/index.md", "---\ntitle: A bundle\ndate: 2024-02-02\n---\n\nx\n");
    site.write("posts/bundle/notes.md", "---\ntitle: Notes\ndate: 2024-02-02\n---\n\nx\n");
    site.write("posts/bundle/deep/more.md", "---\ntitle: More\ndate: 2024-02-02\n---\n\nx\n");
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A bundle", "A ship"]);
    site.write("posts/bundle/later.md", "---\ntitle: Later\ndate: 2024-02-02\n---\n\nx\n");
    site.article("posts/other.md", "Other", "2023-01-01");
    daemon.until_titles("/all.json", &["A bundle", "A ship", "Other"]);
    site.remove("posts/bundle/index.md");
    daemon.until("what the bundle hid", |daemon| daemon.ids("/all.json").len() == 5);
}

#[test]
fn translations_are_in_the_feeds_of_their_language() {
    let site = hugo();
    let text = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
    let languages = "\n[languages.en]\n[languages.vi]\ntitle = \"Cảng\"\n";
    std::fs::write(site.path("hugo.toml"), text + languages).unwrap();
    site.write("posts/a.vi.md", "---\ntitle: Con tàu\ndate: 2024-01-02\n---\n\nChữ.\n");
    // An index of any language makes a folder a bundle.
    site.write("posts/b/index.vi.md", "---\ntitle: Bó\ndate: 2024-01-01\n---\n\nChữ.\n");
    site.write("posts/b/notes.md", "---\ntitle: Notes\ndate: 2024-01-01\n---\n\nx\n");
    site.build(0);
    let titles =
        |feed: &str| site.ids(feed).into_iter().map(|(title, _)| title).collect::<Vec<_>>();
    assert_eq!(titles("all.json"), ["A ship"]);
    assert_eq!(titles("language/vi.json"), ["Con tàu", "Bó"]);
    let ship = item(&site.feed("language/vi.json"), "Con tàu");
    assert_eq!(ship["url"], "https://hugo.example/vi/2024/con-t%C3%A0u/");
}

#[test]
fn people_are_found_by_their_keys() {
    let site = Site::new();
    std::fs::write(
        site.path("docusaurus.config.js"),
        "export default { title: 'D', url: 'https://d.example', baseUrl: '/' };",
    )
    .unwrap();
    std::fs::create_dir_all(site.path("blog")).unwrap();
    std::fs::write(
        site.path("blog/authors.yml"),
        "ann:\n  name: Ann Other\n  url: https://ann.example\n",
    )
    .unwrap();
    std::fs::write(
        site.path("blog/2024-01-02-a.mdx"),
        "---\nauthors: [ann]\n---\nimport X from 'x';\n\n# The title\n\n<X>Text</X> {1 + 1}\n",
    )
    .unwrap();
    site.config("[content]\ndir = \"blog\"\n");
    site.build(0);
    let feed = site.feed("all.json");
    let entry = item(&feed, "The title");
    assert_eq!(entry["url"], "https://d.example/blog/2024/01/02/a");
    assert_eq!(entry["authors"][0]["name"], "Ann Other");
    assert_eq!(entry["content_html"].as_str().unwrap().trim(), "<p>Text</p>");
}

#[test]
fn links_between_articles_lead_to_their_addresses() {
    let site = Site::new();
    site.write("x/a.md", "---\ntitle: A\ndate: 2024-01-02\n---\n\n[b](b.md#part) [no](no.md)\n");
    site.article("x/b.md", "B", "2024-01-01");
    site.build(0);
    let entry = item(&site.feed("all.json"), "A");
    let html = entry["content_html"].as_str().unwrap();
    assert!(html.contains("href=\"https://test.example/x/b/#part\""), "{html}");
}

#[test]
fn init_writes_out_what_the_site_says() {
    let site = hugo();
    std::fs::remove_file(site.path("config.toml")).unwrap();
    let output = site.run(&["init"]);
    assert!(
        said(&output).contains("hugo site")
            || String::from_utf8_lossy(&output.stdout).contains("hugo site")
    );
    let text = std::fs::read_to_string(site.path("config.toml")).unwrap();
    for line in [
        "title    = \"Harbour\"",
        "url      = \"https://hugo.example/\"",
        "timezone = \"Asia/Tokyo\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    site.build(0);
}

/// Hugo would read `config.toml` and no longer the site's own `config.yaml`.
#[test]
fn init_takes_no_generators_config_away() {
    let site = Site::new();
    std::fs::remove_file(site.path("config.toml")).unwrap();
    std::fs::write(site.path("config.yaml"), "title: T\nbaseURL: https://h.example/\n").unwrap();
    let output = site.run(&["init"]);
    assert!(said(&output).contains("in place of config.yaml"), "{}", said(&output));
    assert!(!site.path("config.toml").exists(), "it is left as it was");
    assert!(site.run(&["--config", "syndic.toml", "init"]).status.success());
    std::fs::remove_file(site.path("syndic.toml")).unwrap();
    std::fs::rename(site.path("config.yaml"), site.path("hugo.yaml")).unwrap();
    assert!(site.run(&["init"]).status.success(), "of both it would read `hugo.yaml`");
}

/// However long the text of an `_index.md` is: what it gives its pages is all there.
#[test]
fn a_cascade_may_stand_above_a_long_text() {
    let site = hugo();
    let prose = "A sentence of the section's own page, and one more. ".repeat(2_000);
    site.write(
        "blog/_index.md",
        format!("---\ncascade:\n  - tags: [a, b]\n    params: {{author: Ann}}\n---\n\n{prose}\n"),
    );
    site.article("blog/x.md", "X", "2024-01-01");
    site.build(0);
    let entry = item(&site.feed("all.json"), "X");
    assert_eq!(entry["authors"][0]["name"], "Ann", "{entry:#}");
    assert_eq!(entry["tags"], serde_json::json!(["blog", "a", "b"]), "{entry:#}");
}

#[test]
fn a_cascade_that_is_too_large_is_told() {
    let site = hugo();
    let prose = "A sentence of the section's own page, and one more. ".repeat(22_000);
    site.write("posts/_index.md", format!("---\ncascade:\n  author: Ann\n---\n\n{prose}\n"));
    let told = "posts/_index.md: 1144033 bytes, more than the 1048576 of `[content] max_size`";
    let output = site.run(&["check"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(told), "{text} {}", said(&output));
    for build in ["the first", "the next"] {
        let said = site.build(1);
        assert!(said.contains(told), "{build}: {said}");
    }
}

#[test]
fn a_cascade_may_have_a_target() {
    let site = Site::new();
    std::fs::write(site.path("hugo.toml"), "title = 'T'\n").unwrap();
    let cascade = "---\ncascade:\n  - target: {kind: section}\n    draft: true\n  \
        - target: {environment: staging}\n    draft: true\n  \
        - target: {path: '{/posts/b*,/posts/c}'}\n    tags: [sea]\n---\n";
    site.write("_index.md", cascade);
    for name in ["a", "b1", "c"] {
        site.article(&format!("posts/{name}.md"), name, "2024-01-01");
    }
    // No content in this flavour.
    site.write("posts/notes.txt", "Some words that a person left here.");
    site.write("posts/bundle/index.md", "---\ntitle: d\ndate: 2023-01-01\n---\nText.\n");
    site.build(0);
    let feed = site.feed("all.json");
    let tags = |item: &serde_json::Value| {
        (item["title"].clone(), item["tags"].to_string().contains("sea"))
    };
    let mut found: Vec<_> = feed["items"].as_array().unwrap().iter().map(tags).collect();
    found.sort_by_key(|(title, _)| title.to_string());
    let expected = [("a", false), ("b1", true), ("c", true), ("d", true)];
    assert_eq!(found, expected.map(|(title, tagged)| (title.into(), tagged)));
}

#[test]
fn a_site_file_that_breaks_or_is_away_changes_nothing() {
    let site = hugo();
    site.config(CONFIG);
    let config = std::fs::read(site.path("hugo.toml")).unwrap();
    site.write("secret/_index.md", "---\ncascade:\n  draft: true\n---\n");
    site.article("secret/s.md", "Secret", "2024-05-05");
    let daemon = site.serve();
    let before = daemon.feed("/all.json")["items"].to_string();
    assert!(!before.contains("Secret"), "{before}");
    // Broken, then away, then back; each followed by an article, to know that it was looked at.
    let broken = "title = \"x\"\nbaseURL = [\n";
    let changes: [(&str, &dyn Fn(), &str); 3] = [
        (
            "broken",
            &|| std::fs::write(site.path("hugo.toml"), broken).unwrap(),
            "a site file has a fault",
        ),
        ("away", &|| std::fs::remove_file(site.path("hugo.toml")).unwrap(), "a site file is away"),
        ("back", &|| std::fs::write(site.path("hugo.toml"), &config).unwrap(), ""),
    ];
    for (name, change, told) in changes {
        change();
        daemon.until(told, |daemon| daemon.said().contains(told));
        site.write("secret/_index.md", format!("---\ncascade: [\n# {name}\n---\n"));
        site.article(&format!("posts/{name}.md"), name, "2025-01-01");
        daemon.until(name, |daemon| daemon.feed("/all.json").to_string().contains(name));
        let feed = daemon.feed("/all.json");
        for item in feed["items"].as_array().unwrap() {
            assert_ne!(item["title"], "Secret", "{name}");
        }
        for link in before.split("\"url\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(feed.to_string().contains(link), "{name}: {link}");
        }
    }
}

#[test]
fn a_build_does_not_begin_where_a_site_file_was_lost() {
    let site = hugo();
    site.config(CONFIG);
    site.build(0);
    let before = site.feed("all.json");
    let config = std::fs::read(site.path("hugo.toml")).unwrap();
    std::fs::write(site.path("hugo.toml"), "title = \"x\"\nbaseURL = [\n").unwrap();
    let said = site.build(2);
    assert!(said.contains("hugo.toml:2") && said.contains("syndic accept"), "{said}");
    std::fs::remove_file(site.path("hugo.toml")).unwrap();
    let said = site.build(2);
    assert!(said.contains("hugo.toml: was read at the last run, and is gone"), "{said}");
    let mut serve = crate::kit::syndic();
    let output = crate::kit::finish(serve.current_dir(site.path("")).arg("serve"));
    assert_eq!(output.status.code(), Some(2), "{}", crate::kit::said(&output));
    assert_eq!(site.feed("all.json"), before);
    // Back, and changed as its author changes it; then gone because it is meant.
    std::fs::write(site.path("hugo.toml"), [&config[..], b"\n# more\n"].concat()).unwrap();
    site.build(0);
    assert_eq!(site.feed("all.json"), before);
    // What cannot be followed is told, and stops nothing.
    for more in ["", "# one more line\n"] {
        let doubtful = "\n[permalinks.page]\nelsewhere = '/:nonsense/:sections[1:]/:slug/'\n";
        let text = [more.as_bytes(), &config[..], doubtful.as_bytes()].concat();
        std::fs::write(site.path("hugo.toml"), text).unwrap();
        let told = site.build(0);
        assert_eq!(told.matches("means nothing here").count(), 1, "{told}");
    }
    std::fs::remove_file(site.path("hugo.toml")).unwrap();
    site.accept(&[]);
    site.build(0);
    site.build(0);
}

#[test]
fn a_folder_file_that_is_away_for_a_moment_changes_nothing() {
    let site = hugo();
    site.config(CONFIG);
    let index = "---\ncascade:\n  draft: true\n---\n";
    site.write("secret/_index.md", index);
    site.article("secret/s.md", "Secret", "2024-05-05");
    let daemon = site.serve();
    let shows = |daemon: &crate::kit::Daemon, title: &str| {
        daemon.feed("/all.json").to_string().contains(&format!("\"title\":\"{title}\""))
    };
    assert!(!shows(&daemon, "Secret"));
    site.remove("secret/_index.md");
    site.article("secret/more.md", "More", "2024-05-05");
    site.article("secret/s.md", "Secret again", "2024-05-05");
    site.article("posts/meanwhile.md", "Meanwhile", "2025-01-01");
    daemon.until("an article beside", |daemon| shows(daemon, "Meanwhile"));
    assert!(!shows(&daemon, "Secret again") && !shows(&daemon, "More"));
    site.write("secret/_index.md", index);
    site.article("posts/back.md", "Back", "2025-01-01");
    daemon.until("an article after it", |daemon| shows(daemon, "Back"));
    assert!(!shows(&daemon, "Secret again") && !shows(&daemon, "More"));
    site.remove("secret/_index.md");
    daemon.until("what its author means", |daemon| shows(daemon, "Secret again"));
    daemon.stop();
    // A build waits for one that is broken.
    site.write("later/_index.md", "---\ncascade:\n  draft: [true\n---\n");
    site.article("later/l.md", "Later", "2024-05-05");
    let told = site.build(0);
    assert!(told.contains("later/_index.md:3") && told.contains("waits until"), "{told}");
    assert!(!site.feed("all.json").to_string().contains("Later"));
    site.write("later/_index.md", "---\ncascade:\n  tags: [x]\n---\n");
    site.build(0);
    assert!(site.feed("all.json").to_string().contains("Later"));
}

#[test]
fn a_site_file_that_comes_later_counts() {
    let site = Site::new();
    site.write("_config.yml", "title: T\n");
    site.write(
        "_posts/2024-01-02-a.md",
        "---\ntitle: A\nauthor: jo\n---\n\nIts body, which says something.\n",
    );
    let daemon = site.serve();
    let author = |daemon: &crate::kit::Daemon| {
        daemon.feed("/all.json")["items"][0]["authors"][0]["name"].to_string()
    };
    daemon.until_titles("/all.json", &["A"]);
    assert_eq!(author(&daemon), "\"jo\"");
    site.write("_data/authors.yml", "jo:\n  name: Jo March\n");
    daemon.until("the author's name", |daemon| author(daemon) == "\"Jo March\"");
}

#[test]
fn what_init_writes_the_config_takes() {
    let site = Site::new();
    std::fs::remove_file(site.path("config.toml")).unwrap();
    site.article("posts/a.md", "A", "2024-01-01");
    std::fs::write(
        site.path("hugo.toml"),
        "title = 'T'\nbaseURL = 'https://h.example/?x'\nlanguageCode = 'en US'\ntimeZone = 'Mars'\n\
         [permalinks]\nposts = '/:nonsense/:slug/'\n[languages.en]\n[languages.de]\n",
    )
    .unwrap();
    let output = site.run(&["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", crate::kit::said(&output));
    let said = site.build(0);
    assert!(said.contains("hugo.toml:6: warning: `:nonsense` in its permalinks"), "{said}");
    let text = std::fs::read_to_string(site.path("config.toml")).unwrap();
    for line in
        ["url      = \"https://www.example.org/\"", "# language", "# timezone", "# permalink"]
    {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

/// What a generator calls its output may be a section; languages may be mounted; fences be long.
#[test]
fn hugos_content_may_be_mounted() {
    let mounted = |mount: &str, languages: &str| {
        let site = hugo();
        let text = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
        let mount =
            format!("[[module.mounts]]\nsource = \"content/en\"\ntarget = \"content\"\n{mount}");
        std::fs::write(site.path("hugo.toml"), format!("{text}{languages}{mount}")).unwrap();
        site.remove("posts/a.md");
        site.write("en/README.md", "---\ntitle: R\ndraft: true\n---\n");
        site.write("en/about/license.md", "---\ntitle: Terms\ndate: 2023-01-01\n---\n\nText.\n");
        site.write("en/resources/a.md", "-----\ntitle: A\ndate: 2024-01-01\n---\n\nText.\n");
        site.write("vi/resources/a.md", "---\ntitle: Con tàu\ndate: 2024-01-01\n---\n\nChữ.\n");
        site
    };
    let urls = |site: &Site, feed: &str| -> Vec<String> {
        let feed = site.feed(feed);
        let items = feed["items"].as_array().unwrap();
        items.iter().map(|item| item["url"].as_str().unwrap().to_string()).collect()
    };
    let english = ["https://hugo.example/resources/a/", "https://hugo.example/about/license/"];
    let site = mounted("", "");
    site.build(0);
    assert_eq!(urls(&site, "all.json"), english);
    let site = mounted("[module.mounts.sites.matrix]\nlanguages = ['en']\n", "");
    site.build(0);
    assert_eq!(urls(&site, "all.json"), english);
    let vi = "[languages.en]\nlabel = 'E'\n[languages.vi]\ncontentDir = \"content/vi\"\n";
    let site = mounted("lang = 'en'\n", vi);
    site.write("none/x.md", article("X", "2024-01-01"));
    site.build(0);
    assert_eq!(urls(&site, "all.json"), english);
    assert_eq!(urls(&site, "language/vi.json"), ["https://hugo.example/vi/resources/a/"]);
    let site = mounted("lang = 'en'\n", &format!("{vi}disabled = true\n"));
    site.build(0);
    assert_eq!(urls(&site, "all.json"), english);
    assert!(!site.path("feeds/language/vi.json").exists());
}

/// As Jaeger's site has its versions; what no mount takes is not the site's.
#[test]
fn hugos_mounts_may_take_some_files_only() {
    let site = hugo();
    let text = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
    let mounts = "[module]\n[[module.mounts]]\nsource = 'content'\ntarget = 'content'\n\
        files = ['! docs/v?', '! old.md']\n\
        [[module.mounts]]\nsource = 'content/docs/v2'\ntarget = 'content/docs'\nfiles = '! _*'\n\
        [[module.mounts]]\nsource = 'content/docs/v2/_dev'\ntarget = 'content/docs/2.dev'\n\
        includeFiles = ['*.md']\nexcludeFiles = 'no.md'\n";
    std::fs::write(site.path("hugo.toml"), format!("{text}{mounts}")).unwrap();
    for path in ["old.md", "docs/v2/2.0/b.md", "docs/v2/_dev/c.md", "docs/v2/_dev/no.md", "_x/d.md"]
    {
        site.write(path, article(path, "2024-01-01"));
    }
    site.build(0);
    let feed = site.feed("all.json");
    let urls = feed["items"].as_array().unwrap().iter().map(|item| item["url"].as_str().unwrap());
    let mut urls: Vec<&str> = urls.collect();
    urls.sort_unstable();
    let expected = ["2024/a-ship/", "_x/d/", "docs/2.0/b/", "docs/2.dev/c/"];
    assert_eq!(urls, expected.map(|path| format!("https://hugo.example/{path}")));
}

/// As Hugo matches them: `*` stops at a slash, a first `**/` wants a folder, no case.
#[test]
fn hugos_mounts_may_bring_folders_in() {
    let site = hugo();
    let text = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
    let content = std::fs::read_to_string(site.path("config.toml")).unwrap();
    std::fs::write(site.path("config.toml"), content.replace("\"content\"", "\".\"")).unwrap();
    let mounts = "[module]\n[[module.mounts]]\nsource = './content/'\ntarget = 'content'\n\
        files = ['! **/draft-*.md']\n\
        [[module.mounts]]\nsource = 'texts'\ntarget = 'content/blog'\nfiles = ['/A.md']\n";
    std::fs::write(site.path("hugo.toml"), format!("{text}{mounts}")).unwrap();
    for path in ["content/draft-0.md", "content/s/draft-1.md", "texts/a.md", "texts/s/a.md"] {
        std::fs::create_dir_all(site.path(path).parent().unwrap()).unwrap();
        std::fs::write(site.path(path), article(path, "2024-01-01")).unwrap();
    }
    site.build(0);
    let feed = site.feed("all.json");
    let urls = feed["items"].as_array().unwrap().iter().map(|item| item["url"].as_str().unwrap());
    let mut urls: Vec<&str> = urls.collect();
    urls.sort_unstable();
    let expected = ["2024/a-ship/", "blog/a/", "draft-0/"];
    assert_eq!(urls, expected.map(|path| format!("https://hugo.example/{path}")));
}

/// As Kubernetes' contributors have it; a pattern of addresses has its own words for sections.
#[test]
fn hugos_sections_may_have_a_slug() {
    let site = hugo();
    let section = |slug: &str| format!("---\ntitle: S\nslug: {slug}\n---\n");
    site.write("events/2020/_index.md", section("twenty"));
    site.write("events/2020/kcc/_index.md", section("kcc2020"));
    site.write("events/2020/kcc/day/a.md", article("A", "2024-01-01"));
    site.write("events/2020/kcc/b/index.md", article("B", "2024-01-01"));
    site.write("posts/_index.md", section("texts"));
    site.build(0);
    let feed = site.feed("all.json");
    for (title, url) in [
        ("A", "https://hugo.example/events/twenty/kcc2020/day/a/"),
        ("B", "https://hugo.example/events/twenty/kcc2020/b/"),
        ("A ship", "https://hugo.example/2024/a-ship/"),
    ] {
        assert_eq!(item(&feed, title)["url"], url);
    }
    // `_index.de.md` is of German pages, `_index.md` of the others.
    let config = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
    let languages = "[languages.en]\nweight = 1\n[languages.de]\nweight = 2\n";
    std::fs::write(site.path("hugo.toml"), format!("{config}{languages}")).unwrap();
    site.write("events/2020/_index.de.md", section("zwanzig"));
    site.write("events/2020/kcc/c.de.md", article("C", "2024-01-01"));
    let link = site.explain("events/2020/kcc/c.de.md")["link"].clone();
    assert_eq!(link, "https://hugo.example/de/events/zwanzig/kcc/c/");
    assert_eq!(
        site.explain("events/2020/kcc/b/index.md")["link"],
        "https://hugo.example/events/twenty/kcc2020/b/"
    );
    std::fs::write(site.path("hugo.toml"), format!("uglyURLs = true\n{config}")).unwrap();
    assert_eq!(
        site.explain("events/2020/kcc/b/index.md")["link"],
        "https://hugo.example/events/twenty/kcc2020/b.html"
    );
    std::fs::write(site.path("hugo.toml"), config).unwrap();
    site.remove("events/2020/_index.de.md");
    site.remove("events/2020/kcc/c.de.md");
    // Whoever gives a section another slug moves its pages.
    site.write("events/2020/kcc/_index.md", section("kcc20"));
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(item(&feed, "B")["url"], "https://hugo.example/events/twenty/kcc20/b/");
}

/// The site's `contentDir` is then that of the languages that name none.
#[test]
fn hugos_languages_may_lie_side_by_side() {
    let site = Site::with_config(
        "title = \"T\"\nurl = \"https://hugo.example/\"\n[feeds]\nby = [\"language\"]\n",
    );
    let config = "contentDir = 'content/en'\ndefaultContentLanguage = 'en'\n[languages.en]\n\
                  [languages.es]\ncontentDir = 'content/es'\n";
    std::fs::write(site.path("hugo.toml"), config).unwrap();
    site.article("en/posts/a.md", "A", "2024-01-01");
    site.article("es/posts/b.md", "B", "2024-01-02");
    site.article("b.md", "Nobody's", "2024-01-03");
    site.build(0);
    let urls = |feed: &str| -> Vec<String> {
        let items = site.feed(feed)["items"].clone();
        items.as_array().unwrap().iter().map(|item| item["url"].to_string()).collect()
    };
    assert_eq!(urls("all.json"), ["\"https://hugo.example/posts/a/\""]);
    assert_eq!(urls("language/es.json"), ["\"https://hugo.example/es/posts/b/\""]);
}

#[test]
fn hugo_may_have_its_first_language_in_a_folder_too() {
    let site = hugo();
    site.write("posts/b.fr.md", "---\ntitle: Un navire\ndate: 2024-01-03\n---\n\nTexte.\n");
    let config = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
    let config = format!("defaultContentLanguage = \"en-us\"\n{config}");
    let subdir = format!("defaultContentLanguageInSubdir = true\n{config}");
    let languages = "[languages.en-us]\n[languages.fr]\n";
    for (config, of_main, of_other) in [
        (config.clone(), "https://hugo.example/2024/a-ship/", None),
        (subdir.clone(), "https://hugo.example/en-us/2024/a-ship/", None),
        (
            format!("{subdir}{languages}"),
            "https://hugo.example/en-us/2024/a-ship/",
            Some("https://hugo.example/fr/2024/un-navire/"),
        ),
        (
            format!("{config}{languages}"),
            "https://hugo.example/2024/a-ship/",
            Some("https://hugo.example/fr/2024/un-navire/"),
        ),
    ] {
        std::fs::write(site.path("hugo.toml"), config).unwrap();
        assert_eq!(site.explain("posts/a.md")["link"], of_main);
        if let Some(link) = of_other {
            assert_eq!(site.explain("posts/b.fr.md")["link"], link);
        }
    }
}

#[test]
fn what_hugo_ignores_is_left_out() {
    let site = hugo();
    site.write("posts/README.md", "---\ntitle: For authors\n---\n\nText.\n");
    site.write("posts/notes-x.md", "---\ntitle: Notes\n---\n\nText.\n");
    let config = std::fs::read_to_string(site.path("hugo.toml")).unwrap();
    let ignored = "ignoreFiles = ['README\\.md$', '/notes-.*', '(a|b)']\n";
    std::fs::write(site.path("hugo.toml"), format!("{ignored}{config}")).unwrap();
    let output = site.run(&["build"]);
    assert!(
        said(&output).contains("`(a|b)` in `ignoreFiles` is not followed"),
        "{}",
        said(&output)
    );
    assert_eq!(titles(&site.feed("all.json")), ["A ship"]);
}

/// Quotes, definition lists, sections of another language, and what shortcodes and HTML embed.
#[test]
fn zolas_bodies_are_as_the_site_has_them() {
    let site = Site::with_config("[content]\ndir = \"content\"\n");
    std::fs::write(
        site.path("zola.toml"),
        "base_url = \"https://zola.example\"\ntitle = \"Z\"\n[languages.vi]\n\
         [markdown]\nsmart_punctuation = true\ndefinition_list = true\n",
    )
    .unwrap();
    let page = |body: &str| format!("+++\ntitle = \"A\"\ndate = 2024-01-02\n+++\n\n{body}\n");
    site.write("logs/_index.md", "+++\ntitle = \"Logs\"\n+++\n");
    site.write(
        "logs/a.md",
        page(
            "It's \"low\" tide.\n\nTide\n: The sea.\n\n{{ note(text=\"Mind the gap.\") }}\n\n\
             <div>\n{{ image(src=\"a.png\", alt=\"A\") }}\n</div>\n\n\
             <video controls>\n<source src=\"/v.mp4\">\nNo films here.\n</video>\n\n\
             <iframe src=\"https://www.youtube.com/embed/abc\"></iframe>",
        ),
    );
    site.write("logs/a.vi.md", page("[x](@/logs/_index.md) [y](@/logs/_index.vi.md)"));
    site.build(0);
    let html =
        |feed: &str| site.feed(feed)["items"][0]["content_html"].as_str().unwrap().to_string();
    let body = html("all.json");
    for part in [
        "It’s “low” tide.",
        "<dd>The sea.</dd>",
        "<p>Mind the gap.</p>",
        "<div>\n<img src=\"https://zola.example/logs/a/a.png\" alt=\"A\">\n</div>",
        "<video preload=\"none\" controls=\"\"><source src=\"https://zola.example/v.mp4\"></video>",
        "<p><a href=\"https://www.youtube.com/watch?v=abc\" rel=\"noopener noreferrer\">",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(!body.contains("No films"), "{body}");
    let summary = site.feed("all.json")["items"][0]["summary"].as_str().unwrap().to_string();
    assert!(summary.starts_with("It’s “low” tide."), "{summary}");
    let body = html("language/vi.json");
    assert!(body.contains("href=\"https://zola.example/logs/\""), "{body}");
    assert!(body.contains("href=\"https://zola.example/vi/logs/\""), "{body}");
}

#[test]
fn what_zola_ignores_is_no_article() {
    let site = Site::new();
    std::fs::write(
        site.path("zola.toml"),
        "base_url = \"https://z.example\"\nignored_content = [\"*/old.md\", \"*.draft.md\"]\n",
    )
    .unwrap();
    for path in ["old.md", "x/old.md", "x/a.draft.md", "x/bold.md"] {
        site.article(path, path, "2024-01-01");
    }
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["x/bold.md"]);
}

#[test]
fn docusaurus_may_have_its_blog_in_a_plugin() {
    let site = Site::new();
    let link = |config: &str| {
        std::fs::write(site.path("docusaurus.config.ts"), config).unwrap();
        let url = site.explain("notes/2024-03-02-a.md")["link"].clone();
        url.as_str().unwrap().replace("https://test.example", "")
    };
    site.write("notes/2024-03-02-a.md", "---\ntitle: A\n---\n\nx\n");
    let plugin = "['@docusaurus/plugin-content-blog', { routeBasePath: 'posts', \
                  path: 'content/notes' } satisfies O]";
    let config = format!("const c = {{ plugins: [x, {plugin}] }};\nexport default c;\n");
    assert_eq!(link(&config), "/posts/2024/03/02/a");
    let config = "export default { trailingSlash: true, presets: [['classic', \
                  { blog: { path: 'content/notes' } }]] };\n";
    assert_eq!(link(config), "/blog/2024/03/02/a/");
    // Of several blogs the one that the content is.
    site.config(
        "title = \"T\"\nurl = \"https://test.example/\"\n[content]\ndir = \"content/notes\"\n",
    );
    let config = "export default { presets: [['classic', { blog: {} }]], plugins: \
                  [['@docusaurus/plugin-content-blog', { path: 'content/notes', \
                  routeBasePath: 'news' }]] };\n";
    std::fs::write(site.path("docusaurus.config.ts"), config).unwrap();
    let url = site.explain("2024-03-02-a.md")["link"].clone();
    assert_eq!(url, "https://test.example/news/2024/03/02/a");
}

#[test]
fn zolas_first_page_may_name_the_site() {
    let site =
        Site::with_config("[content]\ndir = \"content\"\n[server]\nlisten = \"127.0.0.1:0\"\n");
    std::fs::write(site.path("zola.toml"), "base_url = \"https://zola.example\"\n").unwrap();
    site.write("_index.md", "+++\ntitle = \"Harbour\"\ndescription = \"Ships\"\n+++\n");
    site.write("a.md", "+++\ntitle = \"A ship\"\ndate = 2024-01-02\n+++\n\nText.\n");
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!((&feed["title"], &feed["description"]), (&"Harbour".into(), &"Ships".into()));
}

#[test]
fn an_address_to_try_a_site_out_with_is_not_the_sites() {
    let site = Site::with_config("");
    std::fs::write(
        site.path(".eleventy.js"),
        "module.exports = () => ({ dir: { input: \"content\" } });\n",
    )
    .unwrap();
    std::fs::create_dir_all(site.path("_data")).unwrap();
    let meta = "export const url = process.env.URL || 'http://localhost:8080';\n\
        export const siteName = 'Harbour';\nexport const theme = { title: 'Theme' };\n";
    std::fs::write(site.path("_data/meta.js"), meta).unwrap();
    let init = |site: &Site| {
        std::fs::remove_file(site.path("new.toml")).ok();
        let output = site.run(&["--config", "new.toml", "init"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        (told, std::fs::read_to_string(site.path("new.toml")).unwrap())
    };
    let (told, config) = init(&site);
    assert!(told.contains("set `url` in it"), "{told}");
    assert!(config.contains("\"Harbour\"") && config.contains("www.example.org"), "{config}");
    let meta = meta.replace("http://localhost:8080", "https://e.example");
    std::fs::write(site.path("_data/meta.js"), meta).unwrap();
    let (told, config) = init(&site);
    assert!(told.contains("was taken from the site's own files"), "{told}");
    assert!(config.contains("https://e.example/"), "{config}");
}

#[test]
fn folders_of_any_site_may_be_dates() {
    let site = Site::new();
    site.write("news/2025/jan/9/a.md", "# A ship\n\nIt came in.\n");
    site.write("news/2025/01/b.md", "# A crane\n\nIt stands.\n");
    let ship = site.explain("news/2025/jan/9/a.md");
    assert_eq!(
        (&ship["categories"], &ship["from"]["published"]),
        (&["news"].into(), &"path".into())
    );
    assert!(ship["published"].as_str().unwrap().starts_with("2025-01-09T00:00:00"), "{ship}");
    assert_eq!(site.explain("news/2025/01/b.md")["from"]["published"], "file time when first seen");
}

#[test]
fn a_line_of_its_own_may_be_the_date_of_markdown() {
    let site = Site::new();
    let published = |text: &str| {
        site.write("a.md", text);
        let said = site.explain("a.md");
        let date = said["published"].as_str().unwrap()[..16].to_string();
        (date, said["from"]["published"].as_str().unwrap().to_string())
    };
    for (text, date) in [
        ("# A ship\n\n15 Ağustos 2022\n\nIt came in.\n", "2022-08-15T00:00"),
        ("*15 August 2022, 10:30*\n\n# A ship\n\nIt came in.\n", "2022-08-15T10:30"),
        ("# A ship\n\n2022年8月15日\n\nIt came in.\n", "2022-08-15T00:00"),
        // To Markdown a list.
        ("# Ein Schiff\n\n15. August 2022\n\nEs kam.\n", "2022-08-15T00:00"),
        ("# A ship\n\nBy *Anna Berg*\n\n15 August 2022\n\nIt came in.\n", "2022-08-15T00:00"),
    ] {
        let (found, from) = published(text);
        assert_eq!((found.as_str(), from.as_str()), (date, "date line"), "{text}");
    }
    for text in [
        "# A ship\n\nIt came in.\n\n15 August 2022\n",
        "# A ship\n\n- 15 August 2022\n\nIt came in.\n",
        "# Ships\n\n15. August 2022\n16. Another\n",
        "# A ship\n\nIt came in.\n\n15 August 2022\n\nIt left.\n",
        "# A ship\n\nOn 15 August 2022 it came in, and people went to see it in the harbour.\n",
        "---\ntitle: A ship\n---\n\n15 August 2022\n\nIt came in.\n",
    ] {
        assert_eq!(published(text).1, "file time when first seen", "{text}");
    }
    let (_, from) = published("# A ship\n\n31 February 2022\n\nIt came in.\n");
    let checked = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    assert_eq!(from, "file time when first seen");
    assert!(
        checked.contains("a.md:3: warning: `31 February 2022` is a date that does"),
        "{checked}"
    );
}

#[test]
fn hexos_content_may_have_another_name() {
    let site = Site::with_config("");
    let config = "title: T\nurl: https://hexo.example\nsource_dir: text\n";
    std::fs::write(site.path("_config.yml"), config).unwrap();
    std::fs::create_dir_all(site.path("text/_posts")).unwrap();
    std::fs::write(site.path("text/_posts/a.md"), "title: A\ndate: 2024-01-02\n---\n\nB.\n")
        .unwrap();
    let output = site.run(&["--config", "new.toml", "init"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("hexo site, 1 file"));
    let config = std::fs::read_to_string(site.path("new.toml")).unwrap();
    assert!(config.contains("dir = \"text\""), "{config}");
}

#[test]
fn a_jekyll_site_may_have_posts_in_folders_only() {
    let site = Site::with_config("[content]\ndir = \".\"\n");
    std::fs::write(site.path("_config.yml"), "title: T\nurl: https://j.example\n").unwrap();
    std::fs::create_dir(site.path("_layouts")).unwrap();
    std::fs::create_dir_all(site.path("en/news/_posts")).unwrap();
    std::fs::write(site.path("en/about.md"), article("About", "2024-01-01")).unwrap();
    let post = site.path("en/news/_posts/2024-01-02-a.md");
    std::fs::write(post, "---\ntitle: A\n---\n\nText.\n").unwrap();
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(feed["items"].as_array().unwrap().len(), 1, "{feed}");
    assert_eq!(feed["items"][0]["url"], "https://j.example/en/news/2024/01/02/a.html");
}

#[test]
fn pelicans_settings_are_followed() {
    let site = Site::with_config(
        "title = \"T\"\nurl = \"https://p.example/\"\n[content]\nflavour = \"pelican\"\n",
    );
    std::fs::write(
        site.path("pelicanconf.py"),
        "PATH = './content/'\nDEFAULT_CATEGORY = 'notes'\nUSE_FOLDER_AS_CATEGORY = False\nDEFAULT_DATE = 'fs'\n\
         PAGE_PATHS = ['static-pages']\nARTICLE_PATHS = ['blog', 'static-pages']\n\
         ARTICLE_URL = 'archive/' + '{slug}/'\n\
         FILENAME_METADATA = r'(?P<date>\\d{4}-\\d{2}-\\d{2})_(?P<slug>.*)'\n",
    )
    .unwrap();
    site.write("blog/deep/2024-01-02_one.md", "Title: The first of them\n\nIts body.\n");
    site.write("blog/undated.md", "Title: Without a date\n\nIts body.\n");
    site.write("static-pages/about.md", "Title: About\nDate: 2024-01-01\n\nUs.\n");
    site.write("other/x.md", "Title: Elsewhere\nDate: 2024-01-01\n\nUs.\n");
    site.build(0);
    let feed = site.feed("all.json");
    let items = feed["items"].as_array().unwrap();
    let told: Vec<(&str, &str)> = items
        .iter()
        .map(|item| (item["title"].as_str().unwrap(), item["url"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("Without a date", "https://p.example/archive/undated/"),
            ("The first of them", "https://p.example/archive/one/"),
        ]
    );
    for item in items {
        assert!(item["tags"].to_string().contains("notes"), "{item}");
    }
    std::fs::write(site.path("pelicanconf.py"), "DEFAULT_DATE = (2012, 3, 2, 14, 1, 1)\n").unwrap();
    site.write("blog/more.md", "Title: Without a date either\n\nIts body.\n");
    site.build(0);
    let read = site.explain("blog/more.md");
    assert_eq!(read["published"], "2012-03-02T00:00:00+00:00", "{read}");
}

/// The content directory is one section of a site: what its folders above give counts too.
#[test]
fn a_section_of_a_site_has_what_is_above_it() {
    let config =
        "title = \"T\"\nurl = \"https://h.example/\"\n[content]\ndir = \"content/posts\"\n";
    let site = Site::with_config(config);
    std::fs::write(site.path("hugo.toml"), "title = 'T'\n[permalinks]\nposts = '/p/:slug/'\n")
        .unwrap();
    site.write("_index.md", "---\ncascade:\n  tags: [sea]\n---\n");
    site.article("posts/a.md", "A", "2024-01-01");
    site.build(0);
    let feed = site.feed("all.json");
    assert!(feed["items"][0]["tags"].to_string().contains("sea"), "{feed}");
    let explained = site.run(&["explain", "--json", "content/posts/a.md"]);
    let explained: serde_json::Value = serde_json::from_slice(&explained.stdout).unwrap();
    assert_eq!(explained["from"]["link"], "permalink: /p/:slug_or_title/", "{explained}");

    let config = "title = \"T\"\nurl = \"https://e.example/\"\n[content]\ndir = \"posts\"\nflavour = \"eleventy\"\n";
    let site = Site::with_config(config);
    std::fs::write(site.path(".eleventy.js"), "module.exports = {};\n").unwrap();
    std::fs::create_dir(site.path("posts")).unwrap();
    std::fs::write(site.path("posts/posts.json"), "{\"tags\": [\"posts\", \"sea\"]}").unwrap();
    std::fs::write(site.path("posts/a.md"), article("A", "2024-01-01")).unwrap();
    site.build(0);
    let feed = site.feed("all.json");
    assert!(feed["items"][0]["tags"].to_string().contains("sea"), "{feed}");
}

/// `.mdx` is MDX, whatever else lies beside it.
#[test]
fn mdx_is_read_in_any_flavour() {
    let site = Site::new();
    site.write(
        "a.mdx",
        "import Chart from './chart';\n\n# The harbour {1 + 1}\n\n<Chart of={[1, 2]} />\n\nIts *own* words.\n",
    );
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(feed["items"][0]["title"], "The harbour", "{feed}");
    assert_eq!(feed["items"][0]["content_html"], "<p>Its <em>own</em> words.</p>\n");
}

#[test]
fn hexos_categories_have_slugs() {
    let config = "title = \"T\"\nurl = \"https://x.example/\"\n[content]\ndir = \"source\"\n";
    let site = Site::with_config(config);
    let own =
        "permalink: :category/:title/\ndefault_category: other\ncategory_map:\n  Front End: web\n";
    std::fs::write(site.path("_config.yml"), own).unwrap();
    std::fs::create_dir_all(site.path("source/_posts")).unwrap();
    for (name, categories, link) in [
        ("a", "categories: Front End\n", "web/a/"),
        ("b", "categories: [Café & Co, Front End]\n", "Cafe-Co/web/b/"),
        ("c", "", "other/c/"),
    ] {
        let text = format!("---\ntitle: {name}\ndate: 2024-01-01\n{categories}---\n\nText.\n");
        let path = site.path(&format!("source/_posts/{name}.md"));
        std::fs::write(&path, text).unwrap();
        let read = site.run(&["explain", "--json", path.to_str().unwrap()]);
        let read: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
        assert_eq!(read["link"], format!("https://x.example/{link}"), "{read}");
    }
}

/// Hexo's patterns name any field, files have names by a pattern, and a date with a zone stands in
/// an address as clocks in UTC show it.
#[test]
fn hexos_addresses_are_made_of_fields_and_names() {
    let config = "title = \"T\"\nurl = \"https://x.example/\"\n[content]\ndir = \"source\"\n";
    let site = Site::with_config(config);
    let write = |name: &str, fields: &str| {
        let path = site.path(&format!("source/_posts/{name}.md"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("---\ntitle: {name}\n{fields}---\n\nText.\n")).unwrap();
        path
    };
    let settle = |config: &str| std::fs::write(site.path("_config.yml"), config).unwrap();
    let link = |path: &std::path::Path| {
        let read = site.run(&["explain", "--json", path.to_str().unwrap()]);
        let read: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
        read["link"].as_str().unwrap().replace("https://x.example", "")
    };
    settle("permalink: p/:abbrlink/\n");
    let a = write("a", "date: 2024-01-01\nabbrlink: 3ef2\n");
    let b = write("b", "date: 2024-01-01\n");
    assert_eq!((link(&a), link(&b)), ("/p/3ef2/".into(), "/p/b/".into()));
    let told = site.build(0);
    assert!(told.contains("b.md: warning: its address is made of `abbrlink`"), "{told}");
    assert!(!told.contains("means nothing here"), "{told}");
    settle(
        "permalink: :lang/:title/\nnew_post_name: :lang/:title.md\npermalink_defaults:\n  lang: en\n",
    );
    let c = write("vi/c", "date: 2024-01-01\n");
    assert_eq!((link(&a), link(&c)), ("/en/a/".into(), "/vi/c/".into()));
    settle("new_post_name: :category/:year/:title.md\ntimezone: Asia/Shanghai\n");
    let d = write("x/2024/d", "date: 2024-01-02T03:00:00+08:00\n");
    let e = write("x/e", "date: 2024-01-02 03:00:00\n");
    assert_eq!((link(&d), link(&e)), ("/2024/01/01/d/".into(), "/2024/01/02/x-e/".into()));
    // What a name tells is the post's: its day, and its category.
    settle(
        "permalink: :year/:category/:title/\nnew_post_name: :category/:year/:month/:day/:title.md\n",
    );
    let f = write("sea/2023/03/04/f", "");
    assert_eq!(link(&f), "/2023/sea/f/");
    // Words are whole, whatever their case; a post without fields has what is usual.
    settle("permalink: :lang/:langPart/:title/\npermalink_defaults: {lang: en, langPart: b}\n");
    let g = write("g", "langPart: \":year :title\"\n");
    assert_eq!(link(&g), "/en/%3Ayear %3Atitle/g/".replace(' ', "%20"));
    std::fs::write(&g, "No fields.\n").unwrap();
    assert_eq!(link(&g), "/en/b/g/");
    settle("permalink: :a/:b/:c/:title/\n");
    let many = |word: &str| format!("{word}: \"{}\"\n", format!(":{word}:a:b:c").repeat(1_000));
    let h = write("h", &(many("a") + &many("b") + &many("c")));
    assert!(link(&h).len() < 8_000);
    settle("timezone: Asia/Shanghai\n");
    std::fs::write(&a, "title: Unopened\ndate: 2024-02-03\n------\nText.\n").unwrap();
    assert_eq!(link(&a), "/2024/02/03/a/");
}

#[test]
fn jekylls_excerpt_ends_where_the_site_says() {
    let site = Site::new();
    site.write(
        "_config.yml",
        "defaults:\n  - scope: {path: ''}\n    values:\n      excerpt_separator: <!--cut-->\n",
    );
    let text = |own: &str| {
        format!(
            "---\ntitle: A\n{own}---\n\nOne of them.\n\nTwo of them.\n<!--cut-->\nThree of them.\n\n<!--here-->\nFour of them.\n"
        )
    };
    site.write("_posts/2024-01-02-a.md", text(""));
    site.write("_posts/2024-01-03-b.md", text("excerpt_separator: <!--here-->\n"));
    let summary = |path: &str| site.explain(path)["summary"].as_str().unwrap().to_string();
    assert_eq!(summary("_posts/2024-01-02-a.md"), "One of them. Two of them.");
    assert_eq!(summary("_posts/2024-01-03-b.md"), "One of them. Two of them. Three of them.");
}

/// Hugo and Pelican take the day from the clock that the author wrote down, Jekyll from the site's.
#[test]
fn the_day_of_an_address_is_the_authors_own() {
    let config = |flavour: &str| {
        format!(
            "title = \"T\"\nurl = \"https://e.example/\"\ntimezone = \"UTC\"\n\
             [content]\npermalink = \"/:year/:month/:day/:slug/\"\nflavour = \"{flavour}\"\n"
        )
    };
    for (flavour, late, early) in [
        ("hugo", "2024/01/01", "2017/09/10"),
        ("pelican", "2024/01/01", "2017/09/10"),
        ("plain", "2023/12/31", "2017/09/11"),
    ] {
        let site = Site::with_config(&config(flavour));
        site.write("a.md", "---\ntitle: A\ndate: 2024-01-01T01:00:00+08:00\n---\nx\n");
        site.write("b.md", "---\ntitle: B\ndate: \"2017-09-10 20:24:43 -0400\"\n---\nx\n");
        site.write("c.md", "---\ntitle: C\ndate: 2024-01-01T01:00:00\n---\nx\n");
        let read = |name: &str| site.explain(&format!("{name}.md"));
        for (name, day) in [("a", late), ("b", early), ("c", "2024/01/01")] {
            let (read, link) = (read(name), format!("https://e.example/{day}/{name}/"));
            assert_eq!(read["link"], *link, "{flavour}");
        }
        assert_eq!(read("a")["published"], "2023-12-31T17:00:00+00:00", "{flavour}");
    }
}

/// A site on GitHub Pages may say where it is read in `CNAME` alone.
#[test]
fn jekylls_address_may_be_its_domain() {
    let site = Site::with_config("[content]\ndir = \"content\"\n");
    site.write("_config.yml", "title: T\nurl: \"\"\nbaseurl: /blog\n");
    site.write("CNAME", "pages.example\n");
    site.write("_posts/2024-01-02-a.md", "---\ntitle: A\n---\nx\n");
    let url = || site.explain("_posts/2024-01-02-a.md")["link"].as_str().unwrap().to_string();
    assert_eq!(url(), "https://pages.example/blog/2024/01/02/a.html");
    site.write("_config.yml", "title: T\nurl: https://own.example\n");
    assert_eq!(url(), "https://own.example/2024/01/02/a.html");
}

/// Where the site's feeds have them: Hugo and Zola if they are told to, Docusaurus anyhow. Jekyll's
/// `jemoji` works on pages alone.
#[test]
fn names_of_signs_become_signs() {
    let text = "---\ntitle: A\ndate: 2024-01-02\n---\n\nIt came :ship: in :no_such: `:ship:`. https://a.example/:ship: <code>:ship:</code>\n\n    :ship:\n";
    for (config, said, path, signs) in [
        ("hugo.toml", "baseURL = 'https://a.example/'\nenableEmoji = true\n", "content/a.md", true),
        ("hugo.toml", "baseURL = 'https://a.example/'\n", "content/a.md", false),
        (
            "zola.toml",
            "base_url = 'https://a.example'\n[markdown]\nrender_emoji = true\n",
            "content/a.md",
            true,
        ),
        (
            "_config.yml",
            "url: https://a.example\nplugins: [jemoji]\n",
            "_posts/2024-01-02-a.md",
            false,
        ),
        (
            "docusaurus.config.js",
            "export default { url: 'https://a.example', title: 'T' };\n",
            "blog/2024-01-02-a.md",
            true,
        ),
        (
            "docusaurus.config.js",
            "export default { url: 'https://a.example', markdown: { emoji: false } };\n",
            "blog/2024-01-02-a.md",
            false,
        ),
    ] {
        let site = Site::with_config("title = \"T\"\n[content]\ndir = \"site\"\n");
        for (path, text) in [(config, said), (path, text)] {
            let path = site.path("site").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        site.build(0);
        let html = site.feed("all.json")["items"][0]["content_html"].as_str().unwrap().to_string();
        assert_eq!(
            html.contains("It came 🚢 in :no_such: <code>:ship:</code>"),
            signs,
            "{said}: {html}"
        );
        // Nothing is code for standing four spaces in, to MDX.
        let signs_in_all =
            usize::from(signs) * if config.starts_with("docusaurus") { 2 } else { 1 };
        assert_eq!(html.matches("🚢").count(), signs_in_all, "{said}: {html}");
    }
}
