//! Which collections are articles, and their addresses: as the site's own feeds and pages have them.

use super::expression::UNKNOWN;
use super::page::{PAGES, Program, names_entry};
use super::route::{Place, Route, in_words, is_known};
use crate::article::declared::{
    Declared, FieldPattern, Place as OtherPlace, SiteFile, Slugs, find, text,
};
use crate::article::flavour::split_path;
use crate::article::front_matter::{Field, Value};
use crate::article::internal::joined;

/// What is known of a site.
struct Site<'a> {
    feeds: Vec<Program<'a>>,
    pages: Vec<Program<'a>>,
    /// Its collections of texts, as its config defines them.
    defined: &'a [Field],
    has_config: bool,
    /// Whether texts lie among its pages.
    has_page_texts: bool,
    slash: &'a str,
    /// The path of its root in addresses, without a slash at its end.
    base: &'a str,
}

/// A file's place that is told from a program's: `./posts/*.md`, `/src/pages/**`.
fn placed(glob: &str, program: &str) -> Option<String> {
    let folder = if glob.starts_with('/') { "" } else { split_path(program).0 };
    joined(folder, glob)
}

/// The folder that all files of a glob lie in.
fn folder_of(glob: &str) -> String {
    let plain = glob.split('/').take_while(|part| !part.contains(['*', '{', '[', '?', '(']));
    plain.collect::<Vec<_>>().join("/")
}

/// The folder of a collection.
fn base_of(field: &Field) -> String {
    match field.value.get("base").and_then(Value::as_str) {
        Some(base) => base.trim_start_matches(['.', '/']).trim_end_matches('/').to_string(),
        None => format!("src/content/{}", field.key),
    }
}

pub fn settle(files: &[SiteFile], slash: &str, base: &str, declared: &mut Declared) {
    let programs = files.iter().filter(|file| file.path.starts_with(PAGES) && file.path != PAGES);
    let (feeds, pages) = programs
        .map(|file| Program { path: &file.path, fields: &file.fields })
        .partition(Program::makes_feed);
    let defined = files.iter().find_map(|file| match find(&file.fields, "collections") {
        Some(Value::Map(defined)) if !file.path.starts_with(PAGES) => Some(defined.as_slice()),
        _ => None,
    });
    let site = Site {
        feeds,
        pages,
        defined: defined.unwrap_or(&[]),
        has_config: defined.is_some(),
        has_page_texts: files.iter().any(|file| file.path == PAGES),
        slash,
        base,
    };
    for (own, theirs) in [("title", &mut declared.title_field), ("date", &mut declared.date_field)]
    {
        *theirs = site.feeds.iter().find_map(|feed| text(feed.fields, &[own]));
    }
    if site.defined.iter().any(|one| one.value.get("base").is_none()) {
        declared.exclude.push("**/_*".to_string());
    }
    site.declare(site.routes(), declared);
}

impl<'a> Site<'a> {
    fn routes(&self) -> Vec<Route<'a>> {
        let of_feeds = self.of_collections(self.names(&self.feeds));
        if !of_feeds.is_empty() {
            return of_feeds;
        }
        let of_page_files = self.of_files(|glob| glob.starts_with(PAGES));
        if !of_page_files.is_empty() {
            return of_page_files;
        }
        let of_pages = self.of_collections(self.names(&self.pages));
        if !of_pages.is_empty() {
            return of_pages;
        }
        // Programs in other files ask for them, or by a name that is computed.
        if !self.defined.is_empty() {
            return self.of_collections(self.defined.iter().map(|f| f.key.as_str()).collect());
        }
        let of_files = self.of_files(|_| true);
        if of_files.is_empty() { self.of_none() } else { of_files }
    }

    /// The collections that some programs ask for.
    fn names(&self, programs: &[Program<'a>]) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for program in
            programs.iter().filter(|program| program.makes_feed() || program.shows_entries())
        {
            for name in program.list("entries") {
                let is_defined = self.defined.iter().any(|field| field.key == name);
                if (is_defined || !self.has_config) && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    fn of_collections(&self, names: Vec<&'a str>) -> Vec<Route<'a>> {
        let route = |name: &&'a str| {
            let own = self.defined.iter().find(|field| field.key == **name);
            let folder = own.map_or_else(|| format!("src/content/{name}"), base_of);
            let has = |key: &str| own.and_then(|own| own.value.get(key));
            let address = self.address(name).filter(|_| has("made").is_none());
            let (include, exclude) =
                has("pattern").map(|p| patterns(p, &folder)).unwrap_or_default();
            let collection = Some(*name);
            Route { collection, folder, include, exclude, address, place: Place::Whole }
        };
        names.iter().map(route).collect()
    }

    /// The address of a collection's entries: its page's, with the slash of its feed, else that which
    /// the feed says.
    fn address(&self, name: &str) -> Option<String> {
        let asks = |program: &&Program| program.list("entries").contains(&name);
        let asks_none = |program: &&Program| program.list("entries").is_empty();
        let shows = |page: &&Program| page.shows_entries();
        let feed = self.feeds.iter().find(asks).or_else(|| self.feeds.iter().find(asks_none));
        let link = feed.and_then(|feed| {
            let (links, entries) = (feed.list("links"), feed.list("entries"));
            let at = entries.iter().position(|entry| *entry == name).unwrap_or(0);
            let link = if links.len() == entries.len() { links.get(at) } else { links.first() };
            link.filter(|link| names_entry(link)).map(|link| feed.canonical(link, self.base))
        });
        // Others lead to it from addresses that were.
        let addresses = self.pages.iter().filter(shows).filter(asks);
        let addresses = addresses.filter_map(|page| page.address(self.slash));
        let bare = |address: &str| address.trim_matches('/').to_string();
        let is_linked = |address: &String| link.as_deref().map(bare) == Some(bare(address));
        let addresses: Vec<String> = addresses.collect();
        let address = addresses.iter().find(|own| is_linked(own)).or(addresses.first()).cloned();
        let address = address.or_else(|| self.only_page()?.address(self.slash));
        match (address, link) {
            (Some(address), _) if is_known(&address) => {
                Some(feed.map_or(address.clone(), |feed| feed.canonical(&address, self.base)))
            }
            (_, Some(link)) if is_known(&link) => Some(link),
            (Some(address), _) if !address.contains(UNKNOWN) => Some(address),
            // At least where the site shows them.
            _ => {
                let folder = self.pages.iter().filter(asks).find_map(Program::folder)?;
                Some(format!("/{folder}/{{{{ guess }}}}{}", self.slash))
            }
        }
    }

    /// The one page that shows entries that another file asks for.
    fn only_page(&self) -> Option<&Program<'a>> {
        let is_open = |page: &&Program| page.shows_entries() && page.list("entries").is_empty();
        let tells = |page: &&&Program| page.address("").is_some_and(|own| is_known(&own));
        let open: Vec<&Program> = self.pages.iter().filter(is_open).collect();
        let told: Vec<&Program> = open.iter().filter(tells).copied().collect();
        match (told.as_slice(), open.as_slice()) {
            ([page], _) | ([], [page]) => Some(page),
            _ => None,
        }
    }

    /// Articles that are pages themselves, or files that programs ask for.
    fn of_files(&self, is_meant: impl Fn(&str) -> bool) -> Vec<Route<'a>> {
        let globs = |programs: &[Program<'a>]| -> Vec<String> {
            let globs = programs.iter().flat_map(|program| {
                program.list("globs").into_iter().filter_map(|glob| placed(glob, program.path))
            });
            globs.filter(|glob| is_meant(glob)).collect()
        };
        let mut include = globs(&self.feeds);
        if include.is_empty() {
            include = globs(&self.pages);
        }
        let Some(first) = include.first() else { return Vec::new() };
        if first.starts_with(PAGES) {
            include.retain(|glob| glob.starts_with(PAGES));
            return vec![self.of_texts(include)];
        }
        let folder = folder_of(first);
        let address = self.only_page().and_then(|page| page.address(self.slash));
        include.retain(|glob| glob.starts_with(&folder));
        vec![Route { include, ..Route::of_files(folder, address, Place::Whole) }]
    }

    /// Of texts that lie among the pages.
    fn of_texts(&self, include: Vec<String>) -> Route<'a> {
        let address = format!("/{{{{ page }}}}{}", self.slash);
        let feed = self.feeds.iter().find(|feed| !feed.list("globs").is_empty());
        let address = feed.map_or(address.clone(), |feed| feed.canonical(&address, self.base));
        let folder = PAGES.trim_end_matches('/').to_string();
        Route { include, ..Route::of_files(folder, Some(address), Place::Whole) }
    }

    /// Where nothing tells what articles are: texts that are pages, texts in the usual folder, or,
    /// else, texts anywhere.
    fn of_none(&self) -> Vec<Route<'a>> {
        let page = self.only_page();
        if self.has_page_texts && page.is_none() {
            return vec![self.of_texts(Vec::new())];
        }
        let address = page.and_then(|page| page.address(self.slash));
        let is_usual = self.has_config
            || self
                .pages
                .iter()
                .chain(&self.feeds)
                .any(|program| !program.list("entries").is_empty());
        let (folder, place) = match is_usual {
            true => ("src/content", Place::Section),
            false => ("", Place::Anywhere),
        };
        vec![Route::of_files(folder.to_string(), address, place)]
    }

    // ── In our words ──────────────────────────────────────────────────────────────────────────

    fn declare(&self, routes: Vec<Route>, declared: &mut Declared) {
        let Some(first) = routes.first() else { return };
        let common = routes.iter().skip(1).fold(first.folder.clone(), |common, route| {
            let both = common.split('/').zip(route.folder.split('/')).take_while(|(a, b)| a == b);
            both.map(|(part, _)| part).collect::<Vec<_>>().join("/")
        });
        let is_alone = routes.len() == 1;
        for route in &routes {
            let below = route.folder.strip_prefix(common.as_str()).unwrap_or("").trim_matches('/');
            route.declare(below, is_alone, declared);
        }
        let left_out = routes.iter().flat_map(|route| route.exclude.iter().cloned());
        declared.ignored.extend(left_out);
        let include = routes.iter().flat_map(|route| match route.include.as_slice() {
            [] if is_alone => Vec::new(),
            [] => vec![format!("{}/**", route.folder)],
            own => own.to_vec(),
        });
        declared.include = include.collect();
        let is_other = |field: &&Field| {
            !routes.iter().any(|route| route.collection == Some(field.key.as_str()))
        };
        let place = |field: &'a Field| {
            let address = self.address(&field.key);
            let parts =
                address.and_then(|address| in_words(&address, Some(&field.key), Place::Whole));
            let pattern = parts.map(|parts| FieldPattern { parts, or_usual: true });
            let permalink = match pattern {
                Some(pattern) => pattern.with(|_| ":id".to_string()),
                None => format!("/{}/:id{}", field.key, self.slash),
            };
            OtherPlace { content: base_of(field), permalink }
        };
        declared.other_places = self.defined.iter().filter(is_other).map(place).collect();
        if common.is_empty() {
            declared.exclude.push("public/**".to_string());
        }
        // Only of collections are names made plain.
        if routes.iter().all(|route| route.collection.is_none() && route.place != Place::Section) {
            declared.slugs = Some(Slugs::Verbatim);
        }
        declared.content = Some(common);
    }
}

/// Its own globs, unless they take everything, and those that it leaves out.
fn patterns(value: &Value, folder: &str) -> (Vec<String>, Vec<String>) {
    let Value::List(patterns) = value else { return Default::default() };
    let patterns = patterns.iter().filter_map(Value::as_str);
    let (out, taken): (Vec<&str>, Vec<&str>) =
        patterns.partition(|pattern| pattern.starts_with('!'));
    let all = |pattern: &&str| {
        let ending = pattern.strip_prefix("**/*.").unwrap_or("?");
        let ending = ending.trim_matches(['{', '}', '(', ')']);
        ending.split([',', '|']).all(|ending| matches!(ending, "md" | "mdx" | "markdown"))
    };
    let below = |pattern: &str| format!("{folder}/{}", as_ours(pattern.trim_start_matches('!')));
    // Of these there are no others like them here.
    let is_other =
        |pattern: &&str| ["!(", "?(", "+(", "*("].iter().any(|mark| pattern.contains(mark));
    let taken = if taken.iter().any(|pattern| all(pattern) || is_other(pattern)) {
        Vec::new()
    } else {
        taken
    };
    (taken.into_iter().map(below).collect(), out.into_iter().map(below).collect())
}

/// A glob as those here are written: `[!_]`, `{md,mdx}`.
fn as_ours(glob: &str) -> String {
    let glob = glob.replace("[^", "[!").replace("@(", "(");
    if !glob.contains('(') {
        return glob;
    }
    glob.replace('(', "{").replace('|', ",").replace(')', "}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::declared::Permalink;
    use crate::article::flavour::astro::read;

    const PARAMS: &str = "---\nposts.map((post) => ({ params: { slug: post.id } }))\n---\n";

    fn declared(files: &[(&str, &str)]) -> Declared {
        let files = files.iter().map(|(path, text)| SiteFile {
            path: path.to_string(),
            fields: read(path, text).unwrap_or_default(),
        });
        let mut declared = Declared::default();
        settle(&files.collect::<Vec<_>>(), "/", "/base", &mut declared);
        declared
    }

    /// The content folder, then each pattern with its section.
    fn said(declared: &Declared) -> Vec<String> {
        let content = declared.content.clone().unwrap_or("-".into());
        let pattern = |own: &Permalink| match &own.section {
            Some(section) => format!("{section} {}", own.pattern),
            None => own.pattern.clone(),
        };
        std::iter::once(content).chain(declared.permalinks.iter().map(pattern)).collect()
    }

    fn asking(name: &str) -> String {
        PARAMS.replacen("---\n", &format!("---\nconst posts = await getCollection('{name}')\n"), 1)
    }

    #[test]
    fn pages_give_addresses() {
        let blog = asking("blog");
        let tags = blog.replace("slug: post.id", "tag: post.id");
        let check = |files: &[(&str, &str)], expected: &[&str]| {
            let declared = declared(files);
            assert_eq!(said(&declared), expected, "{files:?}");
            assert_eq!(declared.doubts, Vec::<String>::new(), "{files:?}");
        };
        check(&[("src/pages/b/[...slug].astro", &blog)], &["src/content/blog", "/b/:id/"]);
        check(&[("src/pages/b/[slug]/index.astro", &blog)], &["src/content/blog", "/b/:id/"]);
        let dated = "src/pages/[year]/[month]/[day]/[slug].astro";
        check(&[(dated, &blog)], &["src/content/blog", "/:year/:month/:day/:slug_or_undated/"]);
        check(&[(dated, "")], &["", "/:year/:month/:day/:slug_or_undated/"]);
        // Lists of articles have other parts.
        let both =
            [("src/pages/a/[tag].astro", tags.as_str()), ("src/pages/b/[slug].astro", &blog)];
        check(&both, &["src/content/blog", "/b/:id/"]);
        // Another file asks for what it shows.
        let config = "const posts = defineCollection({ loader: glob({ base: './content/x' }) })\n\
                      export const collections = { posts }";
        let open = [("src/content.config.ts", config), ("src/pages/p/[slug].astro", PARAMS)];
        check(&open, &["content/x", "/p/:id/"]);
        let some = "pattern: ['**/[^_]*.@(md|mdx)', '!old/*'], base:";
        let some = config.replace("base:", some);
        let files =
            [("src/content.config.ts", some.as_str()), ("src/pages/p/[slug].astro", PARAMS)];
        let declared = declared(&files);
        assert_eq!(declared.include, ["content/x/**/[!_]*.{md,mdx}"]);
        assert_eq!(declared.ignored, ["content/x/old/*"]);
        check(&[(PAGES, "")], &["src/pages", "/:folder/:name/"]);
    }

    #[test]
    fn a_feed_tells_which_collections_are_articles() {
        let config = "export const collections = { blog: defineCollection({}), \
                      notes: defineCollection({}), more: defineCollection({}) }";
        let feed = "const a = await getCollection('blog'); const b = await getCollection('notes');\n\
                    rss({ items: [...a.map((p) => ({ link: `/b/${p.id}` })), \
                    ...b.map((p) => ({ link: `n/${p.id}` }))] })";
        let page = asking("blog");
        let declared = declared(&[
            ("src/content/config.ts", config),
            ("src/pages/journal/[slug].astro", &page),
            ("src/pages/rss.xml.js", feed),
        ]);
        let expected = ["src/content", "blog /journal/:id_below/", "notes /n/:id_below/"];
        assert_eq!(said(&declared), expected);
        assert_eq!(declared.include, ["src/content/blog/**", "src/content/notes/**"]);
        assert_eq!(declared.exclude, ["**/_*"]);
        assert_eq!(declared.other_places[0].content, "src/content/more");
        assert_eq!(declared.other_places[0].permalink, "/more/:id/");
    }

    #[test]
    fn a_feed_of_files_tells_which_they_are() {
        let of = |glob: &str, more: &str| {
            format!(
                "const posts = import.meta.glob('{glob}'); rss({{ items: [{{ link: post.url }}]{more} }})"
            )
        };
        let check = |path: &str, feed: &str, expected: &[&str], include: &[&str]| {
            let declared = declared(&[(path, feed)]);
            assert_eq!(said(&declared), expected, "{feed}");
            assert_eq!(declared.include, include, "{feed}");
        };
        let (plain, bare) = (of("./posts/*.md", ""), of("../posts/*.md", ", trailingSlash: false"));
        let include = ["src/pages/posts/*.md"];
        check("src/pages/rss.xml.js", &plain, &["src/pages", "/:folder/:name/"], &include);
        check("src/pages/x/rss.xml.js", &bare, &["src/pages", "/:folder/:name"], &include);
        let other = of("/notes/**/*.md", "");
        check("src/pages/rss.xml.js", &other, &["notes"], &["notes/**/*.md"]);
    }

    #[test]
    fn links_are_below_the_sites_address() {
        for (link, expected) in [
            ("https://a.example/base/x/${post.id}/", "/x/:id/"),
            ("/base/x/${post.id}?from=rss", "/x/:id/"),
            ("/basement/${post.id}", "/basement/:id/"),
            ("x/${post.id}/index.html", "/x/:id/"),
            ("x/${post.id}.html", "/x/:id.html"),
            ("/x/${post.data.permalink}/", "/x/:id/"),
        ] {
            let feed = format!(
                "const a = await getCollection('blog'); rss({{ items: [{{ link: `{link}` }}] }})"
            );
            let declared = declared(&[("src/pages/rss.xml.js", &feed)]);
            assert_eq!(said(&declared), ["src/content/blog", expected], "{link}");
        }
    }

    #[test]
    fn languages_are_collections_or_told() {
        let page = PARAMS.replace("slug:", "lang, slug:");
        let check = |names: &str, expected: &[&str], doubts: usize| {
            let config = format!("export const collections = {{ {names} }}");
            let files = [
                ("src/content.config.ts", config.as_str()),
                ("src/pages/[lang]/[slug].astro", &page),
            ];
            let declared = declared(&files);
            assert_eq!(said(&declared), expected, "{config}");
            assert_eq!(declared.doubts.len(), doubts, "{config}");
        };
        let each = "en: defineCollection({}), 'pt-br': defineCollection({})";
        let expected = ["src/content", "en /:section/:id_below/", "pt-br /:section/:id_below/"];
        check(each, &expected, 0);
        let one = "blog: defineCollection({})";
        check(one, &["src/content/blog", "/:lang/:id/"], 1);
    }

    #[test]
    fn what_a_program_makes_is_told() {
        let check = |params: &str, expected: &[&str]| {
            let page = asking("blog").replace("post.id", params);
            let declared = declared(&[("src/pages/b/[...slug].astro", &page)]);
            assert_eq!(said(&declared), expected, "{params}");
            assert_eq!(declared.doubts.len(), 1, "{params}");
        };
        check("slugOf(post)", &["src/content/blog", "/b/:undated_path/"]);
        check("slugOf(post.data.a, 1)", &["src/content/blog", "/b/:undated_path/"]);
        let made = "const blog = defineCollection({ loader: glob({ base: 'x', generateId: f }) })\n\
                    export const collections = { blog }";
        let page = asking("blog");
        let files = [("src/content.config.ts", made), ("src/pages/b/[slug].astro", page.as_str())];
        let declared = declared(&files);
        assert_eq!((said(&declared), declared.doubts.len()), (vec!["x".to_string()], 1));
    }
}
