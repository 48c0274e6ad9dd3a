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
    for link in ["/docs/blog/b/\"", "/docs/blog/\"", "/docs/blog/a/\""] {
        assert!(html.contains(&format!("href=\"https://h.example{link}")), "{link}: {html}");
    }
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
