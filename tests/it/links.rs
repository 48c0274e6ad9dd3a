//! Links within a site, as generators write them.

use crate::kit::{Site, item};

fn site(name: &str, text: &str) -> Site {
    let site = Site::with_config("title = \"T\"\n[content]\ndir = \"content\"\n");
    std::fs::write(site.path(name), text).unwrap();
    site
}

fn html(site: &Site, title: &str) -> String {
    site.build(0);
    item(&site.feed("all.json"), title)["content_html"].as_str().unwrap().to_string()
}

#[test]
fn a_link_stays_in_its_language() {
    let config = "baseURL = \"https://h.example/docs/\"\ntitle = \"T\"\ndefaultContentLanguage = \"en\"\n\
                  defaultContentLanguageInSubdir = false\n[languages.en]\ncontentDir = \"content/en\"\n\
                  [languages.vi]\ncontentDir = \"content/vi\"\n";
    let site = site("hugo.toml", config);
    let text = "---\ntitle: A\ndate: 2024-01-02\n---\n\n[b]({{< ref \"/blog/b\" >}}), \
                [section]({{< ref \"/blog\" >}}), \n[page]({{< relref \"/about.md#us\" >}})\n";
    site.write("en/blog/a.md", text);
    site.write("en/blog/b.md", "---\ntitle: B\ndate: 2024-01-02\n---\n\nx\n");
    site.write("en/blog/_index.md", "---\ntitle: Blog\n---\n");
    site.write("vi/blog/b.md", "---\ntitle: Bê\ndate: 2024-01-02\n---\n\nx\n");
    let html = html(&site, "A");
    // Nobody knows where a page is that is no article.
    let told = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    assert!(told.contains("a.md:7: warning: a link leads to `/about.md`"), "{told}");
    for link in ["/docs/blog/b/\"", "/docs/blog/\""] {
        assert!(html.contains(&format!("href=\"https://h.example{link}")), "{link}: {html}");
    }
    assert!(html.contains("<a rel=\"noopener noreferrer\">page</a>"), "{html}");
}

#[test]
fn pelicans_files_are_found() {
    let config = "SITENAME = 'T'\nSITEURL = 'https://p.example/blog'\nPATH = 'content'\n\
                  ARTICLE_URL = '{date:%Y}/{slug}/'\n";
    let site = site("pelicanconf.py", config);
    let text = "Title: A\nDate: 2024-01-02\n\n![p]({static}/images/p.png) ![q](|filename|q.png) \
                ![r]({attach}r.png) [b]({filename}b.md#x)\n\n<img src=\"{static}/images/s.png\" alt=\"{x}\">\n";
    site.write("news/a.md", text);
    site.write("news/b.md", "Title: B\nDate: 2024-01-03\n\nx\n");
    let html = html(&site, "A");
    for (attribute, link) in [
        ("src", "images/p.png"),
        ("src", "news/q.png"),
        ("src", "2024/a/r.png"),
        ("href", "2024/b/#x"),
        ("src", "images/s.png"),
    ] {
        let link = format!("{attribute}=\"https://p.example/blog/{link}\"");
        assert!(html.contains(&link), "{link}: {html}");
    }
    let told = site.run(&["check"]);
    assert!(!String::from_utf8_lossy(&told.stdout).contains("leads to"));
}

#[test]
fn an_article_is_found_by_its_name() {
    let config = "baseURL = \"https://h.example/\"\ntitle = \"T\"\ndefaultContentLanguage = \"en\"\n\
                  [languages.en]\n[languages.vi]\n";
    let site = site("hugo.toml", config);
    let post =
        |title: &str, text: &str| format!("---\ntitle: {title}\ndate: 2024-01-02\n---\n\n{text}\n");
    let refs = "[1]({{< ref \"b\" >}}) [2]({{< relref \"b.md#x\" >}}) [3]({{< ref \"bundle\" >}}) \
                [4]({{< ref \"twin\" >}}) [5]({{< ref \"marked\" >}})";
    site.write("blog/a.md", post("A", refs));
    site.write("blog/a.vi.md", post("Ă", refs));
    site.write("docs/b.md", post("B", "x"));
    site.write("docs/b.vi.md", post("Bê", "x"));
    site.write("docs/deep/bundle/index.md", post("C", "x"));
    site.write("docs/deep/bundle/index.vi.md", post("Cê", "x"));
    site.write("docs/marked.en.md", post("F", "x"));
    site.write("docs/twin.md", post("D", "x"));
    site.write("news/twin.md", post("E", "x"));
    let html_of_a = html(&site, "A");
    for link in ["docs/b/\"", "docs/b/#x\"", "docs/deep/bundle/\"", "docs/marked/\""] {
        let link = format!("href=\"https://h.example/{link}");
        assert!(html_of_a.contains(&link), "{link}: {html_of_a}");
    }
    let vietnamese = item(&site.feed("language/vi.json"), "Ă");
    for link in ["vi/docs/b/\"", "vi/docs/b/#x\"", "vi/docs/deep/bundle/\""] {
        let link = format!("https://h.example/{link}");
        assert!(vietnamese["content_html"].as_str().unwrap().contains(&link), "{link}");
    }
    let told = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    assert!(told.contains("a.md:6: warning: a link leads to `twin`"), "{told}");
    // Its links follow: the one is gone that made the name mean nothing, and another moved.
    let daemon = site.serve();
    site.remove("docs/twin.md");
    site.rename("docs/b.md", "new/b.md");
    daemon.until("the links", |daemon| {
        let item = item(&daemon.feed("/all.json"), "A");
        let html = item["content_html"].as_str().unwrap();
        ["new/b/\"", "new/b/#x\"", "news/twin/\""].iter().all(|link| html.contains(link))
    });
}

#[test]
fn a_post_in_a_folder_is_found_by_its_name() {
    let site =
        site("content/_config.yml", "title: T\nurl: https://j.example\npermalink: /:title/\n");
    site.write(
        "_posts/2024-01-02-a.md",
        "---\ntitle: A\n---\n\n[c]({% post_url 2024-01-02-c %})\n",
    );
    site.write("_posts/deep/2024-01-02-c.md", "---\ntitle: C\n---\n\nx\n");
    assert!(html(&site, "A").contains("href=\"https://j.example/c/\""));
}
