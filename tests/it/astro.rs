//! Sites of Astro: what their programs tell of addresses, and what becomes of it when that changes.

use crate::kit::{Site, item, titles};

const ROUTE: &str = "---\nimport { getCollection } from 'astro:content'\n\nexport async function \
                     getStaticPaths() {\n  const posts = await getCollection('blog')\n  return \
                     posts.map((post) => ({ params: { slug: post.id }, props: post }))\n}\n---\n";

const CONFIG: &str = "export default { site: 'https://astro.example' };\n";

/// The site's root is the content directory.
fn site() -> Site {
    let site = Site::with_config(
        "title = \"T\"\n[content]\ndir = \"site\"\n[server]\nlisten = \"127.0.0.1:0\"\n",
    );
    write(&site, "astro.config.mjs", CONFIG);
    write(&site, "src/content/blog/A ship.md", "---\ntitle: A ship\ndate: 2024-01-02\n---\n\nx\n");
    site
}

fn write(site: &Site, path: &str, text: &str) {
    let path = site.path("site").join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn url(feed: &serde_json::Value, title: &str) -> String {
    item(feed, title)["url"].as_str().unwrap().to_string()
}

#[test]
fn a_page_that_moves_takes_its_articles_along() {
    let site = site();
    write(&site, "src/pages/blog/[...slug].astro", ROUTE);
    let daemon = site.serve();
    let ship = |daemon: &crate::kit::Daemon| url(&daemon.feed("/all.json"), "A ship");
    daemon.until("the address", |daemon| ship(daemon) == "https://astro.example/blog/a-ship/");
    let ids = daemon.ids("/all.json");
    write(&site, "src/pages/log/[...slug].astro", ROUTE);
    std::fs::remove_dir_all(site.path("site/src/pages/blog")).unwrap();
    daemon.until("the new one", |daemon| ship(daemon) == "https://astro.example/log/a-ship/");
    assert_eq!(daemon.ids("/all.json"), ids);
    // In a folder that comes as a whole, too.
    write(&site, "new/deep/[...slug].astro", ROUTE);
    std::fs::remove_file(site.path("site/src/pages/log/[...slug].astro")).unwrap();
    std::fs::rename(site.path("site/new"), site.path("site/src/pages/log/new")).unwrap();
    let deep = "https://astro.example/log/new/deep/a-ship/";
    daemon.until("the moved folder", |daemon| ship(daemon) == deep);
    // Texts among the pages are none of the collection's.
    write(&site, "src/pages/posts/b.md", "---\ntitle: B\ndate: 2024-01-03\n---\n\nx\n");
    write(&site, "src/content/blog/c.md", "---\ntitle: C\ndate: 2024-01-03\n---\n\nx\n");
    daemon.until_titles("/all.json", &["C", "A ship"]);
}

#[test]
fn articles_may_be_pages() {
    let site = site();
    std::fs::remove_dir_all(site.path("site/src/content")).unwrap();
    write(&site, "src/pages/posts/Own Name.md", "---\ntitle: Own\npubDate: 2024-01-02\n---\n\nx\n");
    write(&site, "src/pages/about.md", "---\ntitle: About\n---\n\nx\n");
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(titles(&feed), ["Own"]);
    assert_eq!(url(&feed, "Own"), "https://astro.example/posts/Own%20Name/");
}

#[test]
fn the_first_text_among_pages_makes_them_the_articles() {
    let site = site();
    std::fs::remove_dir_all(site.path("site/src/content")).unwrap();
    write(&site, "src/pages/posts/index.astro", "<p>None yet.</p>\n");
    let daemon = site.serve();
    write(&site, "src/pages/posts/a.md", "---\ntitle: A\ndate: 2024-01-02\n---\n\nx\n");
    let address = |daemon: &crate::kit::Daemon| {
        let feed = daemon.feed("/all.json");
        feed["items"][0]["url"].as_str().map(String::from)
    };
    let expected = Some("https://astro.example/posts/a/".to_string());
    daemon.until("the page", |daemon| address(daemon) == expected);
}

/// As in the middle of an edit: what it said stands, and who looks is told where.
#[test]
fn a_config_that_is_half_written_changes_nothing() {
    let site = site();
    let config = "const blog = defineCollection({\n  loader: glob({ base: './src/content/blog' }),\n})\n\
                  export const collections = { blog }\n";
    write(&site, "src/content.config.ts", config);
    write(&site, "src/pages/blog/[...slug].astro", ROUTE);
    write(&site, "src/content/notes/n.md", "---\ntitle: N\ndate: 2024-01-05\n---\n\nx\n");
    let daemon = site.serve();
    daemon.until_titles("/all.json", &["A ship"]);
    let half = config.replace("blog' }),", "blog");
    for (path, whole, broken, line) in [
        ("src/content.config.ts", config, half.as_str(), 2),
        ("src/pages/blog/[...slug].astro", ROUTE, "---\nimport x from 'x'\nconst a = {\n---\n", 3),
        (
            "astro.config.mjs",
            CONFIG,
            "export default {\n  base: '/b,\n  site: 'https://a.example' };\n",
            2,
        ),
    ] {
        write(&site, path, broken);
        let fault = format!("{path}:{line}: warning: what opens here is never closed");
        daemon.until("the fault", |daemon| daemon.said().contains(&fault));
        write(&site, "src/content/blog/b.md", "---\ntitle: B\ndate: 2024-01-03\n---\n\nx\n");
        daemon.until_titles("/all.json", &["B", "A ship"]);
        let feed = daemon.feed("/all.json");
        assert_eq!(url(&feed, "A ship"), "https://astro.example/blog/a-ship/", "{path}");
        let checked = site.run(&["check"]);
        let told = String::from_utf8_lossy(&checked.stdout).into_owned();
        let told = told + &crate::kit::said(&checked);
        assert!(told.contains(&fault), "{told}");
        write(&site, path, whole);
        std::fs::remove_file(site.path("site/src/content/blog/b.md")).unwrap();
        daemon.until_titles("/all.json", &["A ship"]);
    }
    daemon.stop();
    write(&site, "src/content.config.ts", &half);
    let output = site.run(&["build"]);
    let said = crate::kit::said(&output);
    assert!(!output.status.success() && said.contains("content.config.ts"), "{said}");
    assert_eq!(titles(&site.feed("all.json")), ["A ship"]);
}

#[test]
fn what_a_program_makes_is_told() {
    let site = site();
    write(&site, "src/pages/b/[slug].astro", &ROUTE.replace("post.id", "nameOf(post)"));
    write(&site, "src/content/blog/2024-01-03-b.md", "---\ntitle: B\ndate: 2024-01-04\n---\n\nx\n");
    let told = site.run(&["check"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let doubt =
        "addresses of `blog` are made by a program, and are guessed; set `[content] permalink`";
    assert!(told.contains(&format!("[slug].astro:5: warning: {doubt}")), "{told}");
    site.build(0);
    assert_eq!(url(&site.feed("all.json"), "B"), "https://astro.example/b/b/");
    write(&site, "astro.config.mjs", &CONFIG.replace("site:", "base: made(), site:"));
    let told = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    let doubt =
        "astro.config.mjs:1: warning: `base` is computed, and left out of addresses; set `url`";
    assert!(told.contains(doubt), "{told}");
    // Whoever names the pattern is not told to.
    let config = std::fs::read_to_string(site.path("config.toml")).unwrap();
    site.config(&config.replace("[content]", "[content]\npermalink = \"/x/:slug/\""));
    let told = site.run(&["check"]);
    assert!(!String::from_utf8_lossy(&told.stdout).contains("guessed"));
}

#[test]
fn fields_may_have_names_of_the_sites_own() {
    let site = site();
    let feed = "import rss from '@astrojs/rss'\nexport async function GET(context) {\n  const posts = \
                await getCollection('blog')\n  return rss({ site: context.site, items: posts.map(({ data, \
                id }) => ({ link: `/n/${id}` })).concat(posts.map((post) => ({ title: post.data.heading, \
                pubDate: new Date(post.data.day) }))) })\n}\n";
    write(&site, "src/pages/rss.xml.js", feed);
    let article =
        "---\ntitle: For search engines\nheading: C\nday: 2024-02-03\ndate: 2020-01-01\n---\n\nx\n";
    write(&site, "src/content/blog/c.md", article);
    site.build(0);
    let feed = site.feed("all.json");
    assert_eq!(titles(&feed), ["C", "A ship"]);
    assert_eq!(item(&feed, "C")["date_published"], "2024-02-03T00:00:00+00:00");
    assert_eq!(url(&feed, "C"), "https://astro.example/n/c/");
}

/// Astro hands out what lies beside an article under a name with a sum of its own making.
#[test]
fn pictures_that_only_astro_can_find_are_left_out() {
    let site = site();
    let post = |title: &str, image: &str, text: &str| {
        format!("---\ntitle: {title}\ndate: 2024-01-02\nimage: {image}\n---\n\n{text}\n")
    };
    let pictures = "First words.\n\n![chart *one*](./chart.png) [![map](@/map.png)](https://a.example/) \
                    ![kept](../../../public/i/k.png) ![there](/i/t.png)";
    write(&site, "src/content/blog/b.md", &post("B", "'./cover.png'", pictures));
    write(&site, "src/content/blog/c.md", &post("C", "/i/c.png", "![x](y.png)\n\nMore words."));
    site.build(0);
    let feed = site.feed("all.json");
    let (b, c) = (item(&feed, "B"), item(&feed, "C"));
    let html = b["content_html"].as_str().unwrap();
    let kept: Vec<&str> =
        html.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(kept, ["https://astro.example/i/k.png", "https://astro.example/i/t.png"], "{html}");
    // The words of a picture that was all of a link stand for it.
    let link = ">map</a>";
    assert!(!html.contains("chart") && html.contains(link), "{html}");
    assert_eq!(b["image"], "https://astro.example/i/k.png");
    assert_eq!(c["image"], "https://astro.example/i/c.png");
    assert_eq!(c["content_html"], "<p>More words.</p>\n");
    let told = String::from_utf8_lossy(&site.run(&["check"]).stdout).into_owned();
    assert!(told.contains("b.md:9: warning: pictures are left out"), "{told}");
    assert!(told.contains("(`./chart.png` and 1 other), and in 1 other article"), "{told}");
    let lost = String::from_utf8_lossy(&site.run(&["explain", "src/content/blog/b.md"]).stdout)
        .into_owned();
    assert!(lost.contains("not ./cover.png (front matter: image; only the generator"), "{lost}");
}
