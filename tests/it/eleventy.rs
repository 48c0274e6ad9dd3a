//! Sites of Eleventy: what its config, its folders and its layouts say.

use crate::kit::{Site, item, titles};

fn site(config: &str) -> Site {
    let site = Site::new();
    std::fs::write(site.path("eleventy.config.js"), config).unwrap();
    site
}

fn url(site: &Site, title: &str) -> String {
    item(&site.feed("all.json"), title)["url"].as_str().unwrap().to_string()
}

#[test]
fn eleventy_takes_its_folders_data() {
    let site = Site::new();
    std::fs::write(
        site.path("eleventy.config.js"),
        "export default (c) => ({ dir: { input: \"content\" } });",
    )
    .unwrap();
    site.write(
        "blog/blog.json",
        "{\"tags\": \"posts\", \"permalink\": \"/b/{{ page.fileSlug }}/\"}",
    );
    site.write("blog/2024-01-02-a.md", "---\ntitle: A\ntags: [sea]\n---\n\nx\n");
    site.write("blog/b.md", "---\ntitle: B\n---\n\nx\n");
    site.write("about.md", "---\ntitle: About\n---\n\nx\n");
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(feed["items"].as_array().unwrap().len(), 2, "{feed:#}");
    assert_eq!(item(&feed, "A")["url"], "https://test.example/b/a/");
    assert_eq!(item(&feed, "A")["tags"], serde_json::json!(["sea"]));
    assert!(site.path("feeds/category/sea.json").exists());
    // One that is both stands once.
    for (document, category) in [("all.rss", "<category"), ("all.atom", "<category term=\"sea\"")] {
        let text = std::fs::read_to_string(site.path("feeds").join(document)).unwrap();
        assert_eq!(text.matches(category).count(), 1, "{text}");
    }
}

#[test]
fn eleventys_posts_may_lie_where_jekylls_did() {
    let site = Site::new();
    std::fs::write(site.path("eleventy.config.js"), "export default {};\n").unwrap();
    site.write("_includes/a.md", "---\ndate: 2024-01-01\n---\nNo article.\n");
    site.write("_posts/b.md", "---\ntitle: B\ndate: 2024-01-01\n---\nText.\n");
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["B"]);
}

#[test]
fn an_address_that_is_computed_is_told() {
    let config = |more: &str| {
        format!(
            "title = \"T\"\nurl = \"https://e.example/\"\n[content]\nflavour = \"eleventy\"\n{more}"
        )
    };
    let site = Site::with_config(&config(""));
    let text =
        "---\ntitle: A\ndate: 2024-01-01\npermalink: \"/{{ title | shout }}/\"\n---\n\nText.\n";
    site.write("a.md", text);
    let told = site.build(0);
    assert!(told.contains("a.md:4: warning: its address is computed"), "{told}");
    // The line of another file is not one of the article's.
    site.write("b/b.json", "{\"permalink\":\n \"/{{ title | shout }}/\"}");
    site.write("b/c.md", "---\ntitle: C\ndate: 2024-01-01\n---\n\nText.\n");
    let told = site.build(0);
    assert!(told.contains("b/c.md: warning: its address is computed"), "{told}");
    assert!(told.contains("(said by b/b.json:1)"), "{told}");
    site.remove("b/b.json");
    for function in [
        "permalink: function({page}) { return page.x ? `/${page.fileSlug}/` : `/` }",
        "permalink: (d) => d.x",
    ] {
        site.write("b/b.11tydata.js", format!("export default {{ {function}, tags: ['t'] }};\n"));
        let told = site.build(0);
        assert!(told.contains("(said by b/b.11tydata.js:1)"), "{function}\n{told}");
    }
    site.remove("b/c.md");
    site.config(&config("permalink = \"/x/:slug/\"\n"));
    let told = site.build(0);
    assert!(!told.contains("computed"), "{told}");
    assert_eq!(site.feed("all.json")["items"][0]["url"], "https://e.example/x/a/");
}

#[test]
fn layouts_give_fields() {
    let site = site(
        "export default function (c) {\n  c.setInputDirectory('content');\n  \
         c.addLayoutAlias('post', 'layouts/post.njk');\n}\n",
    );
    site.write(
        "_includes/layouts/post.njk",
        "---\nlayout: base\ntags: posts\npermalink: \"/{{ page.date | date: '%Y/%-m' }}/\\\n  \
         {{ page.fileSlug }}/\"\n---\n{{ content }}\n",
    );
    site.write("_includes/base.njk", "---\nlang: vi\n---\n{{ content }}\n");
    site.write("blog/blog.json", "{\"layout\": \"post\"}");
    site.write("blog/2024-03-02-a.md", "---\ntitle: A\n---\n\nx\n");
    site.write("blog/b.md", "---\ntitle: B\ndate: 2024-04-05\npermalink: /b/\n---\n\nx\n");
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["B", "A"]);
    assert_eq!(url(&site, "A"), "https://test.example/2024/3/a/");
    assert_eq!(url(&site, "B"), "https://test.example/b/");
    let explained = site.explain("blog/2024-03-02-a.md");
    assert_eq!(explained["language"], "vi");
    // What a layout shows is no affair of the articles'; what it says is.
    site.write("_includes/base.njk", "---\nlang: fr\n---\n<p>{{ content }}\n");
    daemon.until("the language", |daemon| item(&daemon.feed("/all.json"), "A")["language"] == "fr");
    site.write("_includes/layouts/post.njk", "---\npermalink: /x/{{ page.fileSlug }}/\n---\n");
    daemon.until("the address", |daemon| {
        item(&daemon.feed("/all.json"), "A")["url"] == "https://test.example/x/a/"
    });
}

/// Wherever layouts lie, and whenever they come: their edits arrive, and nothing waits for the slow
/// beat.
#[test]
fn layouts_that_come_later_are_seen() {
    let site = site("export default { dir: { input: 'content' } };\n");
    site.write("a.md", "---\ntitle: A\ndate: 2024-01-01\nlayout: deep/post\n---\n\nx\n");
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A"]);
    let until = |author: &str| {
        daemon.until(author, |daemon| {
            item(&daemon.feed("/all.json"), "A")["authors"][0]["name"] == author
        });
    };
    let layout = |author: &str| format!("---\nauthor: {author}\n---\n{{{{ content }}}}\n");
    std::fs::create_dir_all(site.path("content/_includes/deep")).unwrap();
    site.write("_includes/deep/post.njk", "{{ content }}\n");
    site.write("_includes/deep/post.njk", layout("Bob"));
    until("Bob");
    site.write("_includes/deep/post.njk", layout("Bob2"));
    until("Bob2");
    site.write("_layouts/deep/post.njk", layout("Ann"));
    let config = "export default { dir: { input: 'content', layouts: '_layouts' } };\n";
    std::fs::write(site.path("eleventy.config.js"), config).unwrap();
    until("Ann");
    site.write("_layouts/deep/post.njk", layout("Ann2"));
    until("Ann2");
}

/// What a layout said stands while it has a fault, or is away; who looks is told which.
#[test]
fn a_layout_with_a_fault_changes_nothing() {
    let site = site("export default { dir: { input: 'content' } };\n");
    let layout = "---\npermalink: /x/{{ page.fileSlug }}/\n---\n";
    site.write("_includes/post.njk", layout);
    site.write("a.md", "---\ntitle: A\ndate: 2024-01-01\nlayout: post.njk\n---\n\nx\n");
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A"]);
    for (broken, fault) in [
        ("---\ntitle: a: b\n---\n", "post.njk:2: warning: bad YAML"),
        ("---\npermalink: /y/\n", "post.njk:1: warning: what opens here is never closed"),
    ] {
        site.write("_includes/post.njk", broken);
        daemon.until("the fault", |daemon| daemon.said().contains(fault));
        site.article("b.md", "B", "2024-01-02");
        daemon.until_titles("/all.json", &["B", "A"]);
        assert_eq!(item(&daemon.feed("/all.json"), "A")["url"], "https://test.example/x/a/");
        let told = site.run(&["check"]);
        let told = String::from_utf8_lossy(&told.stdout);
        assert!(told.contains(fault), "{told}");
        site.write("_includes/post.njk", layout);
        site.remove("b.md");
        daemon.until_titles("/all.json", &["A"]);
    }
    site.remove("_includes/post.njk");
    daemon.until("the loss", |daemon| daemon.said().contains("post.njk; what it said stays"));
}

/// A layout is the site's own affair: it is no article, and one that goes stops no build.
#[test]
fn layouts_are_no_articles_and_may_go() {
    let layout = "---\ntitle: L\ndate: 2024-01-01\nauthor: Bob\n---\n{{ content }}\n";
    let article = "---\ntitle: A\ndate: 2024-01-01\n---\n\nx\n";
    let site = site("export default { dir: { input: 'content', layouts: 'layouts' } };\n");
    site.write("layouts/post.html", layout);
    site.write("a.md", article);
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["A"]);
    site.remove("layouts/post.html");
    site.build(0);
    // A folder of layouts that holds the articles too is none.
    let config = "export default { dir: { input: 'content', includes: '.' } };\n";
    std::fs::write(site.path("eleventy.config.js"), config).unwrap();
    site.write("b.md", article.replace("A", "B"));
    site.build(0);
    site.remove("b.md");
    site.build(0);
    assert_eq!(titles(&site.feed("all.json")), ["A"]);
}

#[test]
fn filters_that_only_format_a_date_are_followed() {
    let site = site(
        "module.exports = (c) => {\n  c.addFilter('month', (d) => luxon.DateTime.fromJSDate(d, \
         { zone: 'utc' }).toFormat('yyyy/MM'));\n  c.addFilter('odd', (d) => d.getYear());\n  \
         return { dir: { input: './content/' } };\n};\n",
    );
    let article = |title: &str, filter: &str| {
        format!(
            "---\ntitle: {title}\ndate: 2024-05-06\npermalink: \"/{{{{ page.date | {filter} }}}}/\
             {{{{ page.fileSlug }}}}/\"\n---\n\nx\n"
        )
    };
    site.write("a.md", article("A", "month"));
    site.write("b.md", article("B", "odd"));
    let told = site.build(0);
    assert_eq!(url(&site, "A"), "https://test.example/2024/05/a/");
    assert_eq!(url(&site, "B"), "https://test.example/b/");
    assert!(told.contains("b.md:4: warning: its address is computed"), "{told}");
    assert!(!told.contains("a.md"), "{told}");
}

#[test]
fn functions_that_only_fill_a_text_are_followed() {
    let site = site("export default { dir: { input: 'content' } };\n");
    site.write(
        "talks/talks.11tydata.js",
        "export default { permalink: function ({ title }) { return `/t/${this.slugify(title)}/` } }",
    );
    site.write("talks/a.md", "---\ntitle: Don't & “über”\ndate: 2024-01-01\n---\n\nx\n");
    let told = site.build(0);
    assert!(!told.contains("warning"), "{told}");
    let feed = site.feed("all.json");
    assert_eq!(feed["items"][0]["url"], "https://test.example/t/dont-and-ueber/");
}

#[test]
fn what_it_ignores_is_no_article() {
    let config = |more: &str| {
        format!("module.exports = (c) => {{ c.ignores.add('content/old/**'); {more} }};\n")
    };
    let site = site(&config("c.setInputDirectory('content');"));
    std::fs::write(site.path(".eleventyignore"), "# by name\ncontent/**/_*.md\n").unwrap();
    std::fs::write(site.path(".gitignore"), "/content/drafts/\n").unwrap();
    for path in ["_a.md", "x/_b.md", "_posts/c.md", "old/x/d.md", "drafts/e.md", "f.md"] {
        let title = path.rsplit('/').next().unwrap().trim_start_matches('_');
        site.write(path, format!("---\ntitle: {title}\ndate: 2024-01-01\n---\n\nx\n"));
    }
    let found = |site: &Site| {
        let mut found = titles(&site.feed("all.json"));
        found.sort();
        found
    };
    site.build(0);
    assert_eq!(found(&site), ["c.md", "f.md"]);
    site.write(".eleventyignore", "f.md\n");
    site.build(0);
    assert_eq!(found(&site), ["c.md"]);
    site.remove(".eleventyignore");
    let all = config("c.setInputDirectory('content'); c.setUseGitIgnore(false);");
    std::fs::write(site.path("eleventy.config.js"), all).unwrap();
    site.build(0);
    assert_eq!(found(&site), ["c.md", "e.md", "f.md"]);
}

/// A variable names the folder: it is taken to be the usual one, or the one that the publisher
/// names.
#[test]
fn a_computed_input_folder_is_told() {
    let config = "const p = require('./p');\nmodule.exports = { dir: { input: p.src } };\n";
    let article = "---\ntitle: A\ndate: 2024-01-01\n---\n\nx\n";
    for (dir, told) in [(".", true), ("src", false), ("src/notes", true)] {
        let site = site(config);
        std::fs::create_dir_all(site.path("src/notes")).unwrap();
        std::fs::write(site.path("src/notes/a.md"), article).unwrap();
        site.config(&format!(
            "title = \"T\"\nurl = \"https://test.example/\"\n[content]\ndir = \"{dir}\"\n"
        ));
        let said = site.build(0);
        assert_eq!(url(&site, "A"), "https://test.example/notes/a/", "{said}");
        assert_eq!(said.contains("eleventy.config.js:2: warning: `input` is computed"), told);
    }
}

/// A folder's data may be what its templates show; the articles beside it have none of that.
#[test]
fn a_large_data_file_of_a_folder_is_no_fault() {
    let site = site("export default {};\n");
    let comments: Vec<String> =
        (0..5_000).map(|n| format!("{{\"by\": \"x\", \"text\": \"comment {n}\"}}")).collect();
    let data = format!("{{\"tags\": [\"sea\"], \"all\": [{}]}}", comments.join(","));
    site.write("notes/notes.json", data);
    site.write("notes/a.md", "---\ntitle: A\ndate: 2024-01-01\n---\n\nx\n");
    let told = site.build(0);
    assert!(!told.contains("warning"), "{told}");
    assert_eq!(item(&site.feed("all.json"), "A")["tags"], serde_json::json!(["sea"]));
}

/// Notes have no titles: one is made of what they say, not of the number that names their file.
#[test]
fn init_writes_out_whose_the_site_is() {
    let site = site("export default { dir: { input: 'content' } };\n");
    std::fs::remove_file(site.path("config.toml")).unwrap();
    let told = "{\"title\": \"T\", \"author\": {\"name\": \"Ann\", \"email\": \"ann@a.example\"}}";
    site.write("_data/metadata.json", told);
    assert!(site.run(&["init"]).status.success());
    let text = std::fs::read_to_string(site.path("config.toml")).unwrap();
    assert!(text.contains("author = { name = \"Ann\", email = \"ann@a.example\" }"), "{text}");
}

#[test]
fn a_number_is_no_title() {
    let site = site("export default {};\n");
    let dated = |text: &str| format!("---\ndate: 2024-01-01\n---\n\n{text}\n");
    site.write("2024/01/02/1.md", dated("One thing, said *shortly*.\n\nMore of it."));
    site.write("2024/01/02/2/index.md", dated(&"many words here, ".repeat(20)));
    site.write("2024/01/02/3.md", dated("- a list\n- of things"));
    site.write("2024/01/02/named-4.md", dated("Has a name."));
    site.build(0);
    let mut found = titles(&site.feed("all.json"));
    found.sort();
    let long = "many words here, many words here, many words here, many…";
    assert_eq!(found, ["3", "Named 4", "One thing, said shortly.", long]);
}

/// Four spaces make no code since Eleventy's second version; an address that a program computes is
/// told, and a tag of the site's own may name an article's file.
#[test]
fn bodies_are_as_eleventys_markdown_has_them() {
    let site = site("export default { dir: { input: 'content' } };\n");
    let text = "# One\n\n    Not *code*.\n\n    ```\n    code\n    ```\n\n[b]({% ref \"2024-01-01-b.md\" %}) [c]({{ x | y }})";
    site.write("blog/a.md", format!("---\ntitle: A\ndate: 2024-01-02\n---\n{text}\n"));
    site.write("blog/2024-01-01-b.md", "---\ntitle: B\n---\nx\n");
    let html = |site: &Site| {
        item(&site.feed("all.json"), "A")["content_html"].as_str().unwrap().to_string()
    };
    site.build(0);
    let body = html(&site);
    assert!(body.contains("<p>Not <em>code</em>.</p>\n<pre><code>code\n</code></pre>"), "{body}");
    assert!(body.contains(">b</a> <a rel=\"noopener noreferrer\">c</a>"), "{body}");
    assert!(body.contains("href=\"https://test.example/blog/2024-01-01-b/\""), "{body}");
    let version = |version: &str| {
        format!("{{\"name\": \"p\", \"devDependencies\": {{\"@11ty/eleventy\": \"{version}\"}}}}")
    };
    std::fs::write(site.path("package.json"), version("^0.12.1")).unwrap();
    site.build(0);
    assert!(html(&site).contains("<pre><code>Not *code*."), "{}", html(&site));
    assert_ne!(site.feed("all.json")["title"], "p");
    std::fs::write(site.path("package.json"), version("4.0.0-alpha.10")).unwrap();
    site.build(0);
    assert_eq!(html(&site), body);
    let computed = "module.exports = { eleventyComputed: { permalink: (data) => f(data) } };\n";
    site.write("blog/blog.11tydata.js", computed);
    let said = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    assert!(said.contains("blog/a.md: warning: its address is computed"), "{said}");
    site.write(
        "blog/blog.11tydata.js",
        "module.exports = { eleventyComputed: { permalink: '/n/{{ page.fileSlug }}/' } };\n",
    );
    site.build(0);
    assert_eq!(item(&site.feed("all.json"), "A")["url"], "https://test.example/n/a/");
}
