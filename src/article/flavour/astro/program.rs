//! What a site's programs tell without being run: which collections there are, what an endpoint
//! puts into its feed, and what a page's address is made of.

use super::expression::Code;
use crate::article::front_matter::{Fault, Field, Value};
use crate::article::literals::{Constants, Token, program};

/// Tokens of one expression, or of one object of parameters, that are looked at.
const MAX_TOKENS: usize = 400;
/// Collections, links and their like of one program.
const MAX_ITEMS: usize = 50;

pub type Tokens<'t> = &'t [(Token, u32)];

pub fn is(token: &Token, mark: char) -> bool {
    *token == Token::Mark(mark)
}

pub fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) => Some(word),
        _ => None,
    }
}

fn text(token: &Token) -> Option<&str> {
    match token {
        Token::Text(text) => Some(text),
        _ => None,
    }
}

fn scalar(text: impl Into<String>) -> Value {
    Value::Scalar(text.into())
}

fn texts(texts: Vec<String>) -> Value {
    Value::List(texts.into_iter().map(Value::Scalar).collect())
}

/// What begins another statement, where no semicolon ends the one before.
const STATEMENTS: &[&str] =
    &["const", "export", "for", "function", "if", "import", "let", "return", "throw", "var"];

/// The tokens up to the comma or the bracket that ends what begins here.
pub fn item<'t>(tokens: Tokens<'t>) -> Tokens<'t> {
    let mut open = 0_usize;
    let looked = &tokens[..tokens.len().min(MAX_TOKENS)];
    let end = looked.iter().enumerate().position(|(at, (token, line))| {
        match token {
            Token::Word(word) if open == 0 && STATEMENTS.contains(&word.as_str()) => {
                return at > 0 && looked[at - 1].1 < *line;
            }
            Token::Mark('(' | '[' | '{') => open += 1,
            Token::Mark(')' | ']' | '}') if open == 0 => return true,
            Token::Mark(')' | ']' | '}') => open -= 1,
            Token::Mark(',' | ';') if open == 0 => return true,
            _ => {}
        }
        false
    });
    &tokens[..end.unwrap_or(looked.len())]
}

/// The items of the object or the list that begins here, without its bracket.
pub fn items<'t>(tokens: Tokens<'t>) -> Vec<Tokens<'t>> {
    let mut items = Vec::new();
    let mut rest = tokens;
    while items.len() < MAX_ITEMS {
        let own = item(rest);
        if !own.is_empty() {
            items.push(own);
        }
        match rest.get(own.len()) {
            Some((Token::Mark(','), _)) => rest = &rest[own.len() + 1..],
            _ => break,
        }
    }
    items
}

// ── Collections ───────────────────────────────────────────────────────────────────────────────

/// `collections`: the name of each that holds texts, with the folder and the patterns of its loader;
/// `made` where a function of its own finds or names its entries.
pub fn collections(text: &str) -> Result<Vec<Field>, Fault> {
    let tokens = program(text)?;
    let at = tokens.windows(3).position(|three| {
        word(&three[0].0) == Some("collections") && is(&three[1].0, '=') && is(&three[2].0, '{')
    });
    let Some(at) = at else { return Ok(Vec::new()) };
    let line = tokens[at].1;
    let (code, texts) = (Code::new(&tokens), Constants::of(&tokens));
    let of = |item: Tokens| {
        let (name, value) = match item {
            [(Token::Word(name) | Token::Text(name), _)] => (name, code.constant(name)?),
            [(Token::Word(name) | Token::Text(name), _), (Token::Mark(':'), _), value @ ..] => {
                match value {
                    [(Token::Word(own), _)] => (name, code.constant(own)?),
                    value => (name, value),
                }
            }
            _ => return None,
        };
        let value = Value::Map(loader(value, &code, &texts)?);
        Some(Field { key: name.clone(), line: item[0].1, value })
    };
    let found = items(&tokens[at + 3..]).into_iter().filter_map(of).collect();
    Ok(vec![Field { key: "collections".into(), line, value: Value::Map(found) }])
}

/// `None` where the entries are no texts.
fn loader(definition: Tokens, code: &Code, constants: &Constants) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut add = |key: &str, line: u32, value| {
        fields.push(Field { key: key.into(), line, value });
    };
    for (at, (token, line)) in definition.iter().enumerate() {
        let rest = &definition[at + 1..];
        let is_named = rest.first().is_some_and(|(token, _)| is(token, ':'));
        match word(token) {
            Some("type")
                if is_named
                    && matches!(rest.get(1), Some((Token::Text(kind), _)) if kind == "data") =>
            {
                return None;
            }
            Some("file") if rest.first().is_some_and(|(token, _)| is(token, '(')) => return None,
            Some("base") if is_named => {
                let base = match item(&rest[1..]) {
                    [(Token::Text(base), _)] => Some(base.clone()),
                    [(Token::Template(base), _)] => constants.fill(base),
                    [(Token::Word(name), _)] => match code.constant(name) {
                        Some([(Token::Text(base), _)]) => Some(base.clone()),
                        _ => None,
                    },
                    _ => None,
                };
                match base {
                    Some(base) => add("base", *line, scalar(base)),
                    None => add("made", *line, scalar("base")),
                }
            }
            Some("pattern") if is_named => {
                let patterns = item(&rest[1..]).iter().filter_map(|(token, _)| text(token));
                add("pattern", *line, texts(patterns.map(String::from).collect()));
            }
            Some("generateId") => add("made", *line, scalar("generateId")),
            _ => {}
        }
    }
    Some(fields)
}

// ── Pages and endpoints ───────────────────────────────────────────────────────────────────────

/// `entries`: the collections that it asks for; `globs`: the files; `links`: what it says of their
/// addresses; `params`: what it makes the parts of its own address of; `title` and `date`: the
/// fields that it takes these from; `canonical`: whether addresses come out with a slash at their
/// end, where Astro's `rss` writes them.
pub fn fields(name: &str, text: &str) -> Result<Vec<Field>, Fault> {
    let text = match name.ends_with(".astro") {
        true => text.trim_start().strip_prefix("---").and_then(|rest| rest.split("\n---").next()),
        false => Some(text),
    };
    let tokens = program(text.unwrap_or(""))?;
    let mut fields = Vec::new();
    let mut add = |key: &str, value| fields.push(Field { key: key.into(), line: 1, value });
    let mut entries = called(&tokens, |name| name == "getCollection");
    entries.dedup();
    add("entries", texts(entries));
    let mut globs = called(&tokens, |name| name.ends_with(".glob"));
    globs.retain(|glob| glob.contains(".md"));
    add("globs", texts(globs));
    let code = Code::new(&tokens);
    let links = values(&tokens, &["link"]).take(MAX_ITEMS).map(|value| code.expression(value));
    add("links", texts(links.collect()));
    add("params", Value::Map(params(&tokens, &code)));
    if let Some(own) = values(&tokens, &["title"]).find_map(field_of) {
        add("title", scalar(own));
    }
    if let Some(own) = values(&tokens, &["pubdate", "date"]).find_map(field_of) {
        add("date", scalar(own));
    }
    let calls_rss =
        tokens.windows(2).any(|two| word(&two[0].0) == Some("rss") && is(&two[1].0, '('));
    if calls_rss {
        let mut slashes = values(&tokens, &["trailingslash"]);
        let is_off =
            slashes.any(|value| matches!(value, [(token, _)] if word(token) == Some("false")));
        add("canonical", scalar(if is_off { "false" } else { "true" }));
    }
    Ok(fields)
}

/// The first text of each call of a function, whatever its type.
fn called(tokens: Tokens, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (at, (token, _)) in tokens.iter().enumerate() {
        if !word(token).is_some_and(&is_meant) || found.len() >= MAX_ITEMS {
            continue;
        }
        let rest = &tokens[at + 1..];
        let typed = matches!(rest, [(Token::Mark('<'), _), ..]);
        let open = rest.iter().take(20).position(|(token, _)| is(token, '('));
        let Some(open) = open.filter(|open| *open == 0 || typed) else { continue };
        let first = match &rest[open + 1..] {
            [(Token::Mark('['), _), list @ ..] => list.first(),
            all => all.first(),
        };
        found.extend(first.and_then(|(token, _)| text(token)).map(String::from));
    }
    found
}

/// What the keys of objects are set to, in any case.
fn values<'t>(tokens: Tokens<'t>, keys: &[&str]) -> impl Iterator<Item = Tokens<'t>> {
    let is_key = |two: Tokens| {
        word(&two[0].0).is_some_and(|w| keys.contains(&w.to_lowercase().as_str()))
            && is(&two[1].0, ':')
    };
    let found: Vec<usize> =
        tokens.windows(2).enumerate().filter(|(_, two)| is_key(two)).map(|(at, _)| at).collect();
    found.into_iter().map(move |at| item(&tokens[at + 2..]))
}

/// `post.data.title`, `new Date(post.data.day)`: the field's name.
fn field_of(value: Tokens) -> Option<String> {
    let own = match value {
        [(own, _)] => own,
        [(new, _), (date, _), (Token::Mark('('), _), (own, _), (Token::Mark(')'), _)]
            if word(new) == Some("new") && word(date) == Some("Date") =>
        {
            own
        }
        _ => return None,
    };
    match word(own)?.split('.').collect::<Vec<_>>().as_slice() {
        [_, "data" | "frontmatter", name] => Some(name.to_lowercase()),
        _ => None,
    }
}

fn params(tokens: Tokens, code: &Code) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for (at, three) in tokens.windows(3).enumerate() {
        if word(&three[0].0) != Some("params") || !is(&three[1].0, ':') || !is(&three[2].0, '{') {
            continue;
        }
        for own in items(&tokens[at + 3..]) {
            let (name, value) = match own {
                [(Token::Word(name), _)] => (name, own),
                [(Token::Word(name), _), (Token::Mark(':'), _), value @ ..] => (name, value),
                _ => continue,
            };
            if fields.len() < MAX_ITEMS && !fields.iter().any(|field| field.key == *name) {
                let value = scalar(code.expression(value));
                fields.push(Field { key: name.clone(), line: own[0].1, value });
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::declared::{find, text};

    fn link(program: &str) -> String {
        let fields = fields("src/pages/rss.xml.js", program).unwrap();
        let Some(Value::List(links)) = find(&fields, "links") else { return String::new() };
        links.first().and_then(Value::as_str).unwrap_or("").to_string()
    }

    #[test]
    fn addresses_are_followed_as_far_as_they_are_plain() {
        for (expression, expected) in [
            ("`/blog/${post.id}/`", "/blog/{{ id }}/"),
            ("'/blog/' + post.slug + '/'", "/blog/{{ id }}/"),
            ("`${import.meta.env.BASE_URL}/x/${post.data.path}`", "{{ site }}/x/{{ field path }}"),
            ("`/${post.data.permalink || post.slug}/`", "/{{ field permalink or id }}/"),
            ("`/${lang}/a/${post.id.replace(`${lang}/`, '')}/`", "/{{ language }}/a/{{ below }}/"),
            ("`/a/${post.id.replace(/\\.mdx?$/, '')}`", "/a/{{ id }}"),
            ("`/a/${post.id.replace(/^x/, '')}`", "/a/{{ computed }}"),
            ("`/a/${encodeURI(post.slug.toLowerCase())}`", "/a/{{ id }}"),
            ("`/a/${post.data.slug ?? post.id}`", "/a/{{ id }}"),
            ("`/a/${post.data.a ? post.id : post.slug}`", "/a/{{ computed }}"),
            ("`posts/${slugify(data)}`", "posts/{{ field postslug or title }}"),
            ("getPath(id, filePath)", "{{ guess }}"),
            ("getPath(post.id, post.filePath, false)", "{{ path }}"),
            ("post.url", "{{ url }}"),
            ("urlOf", "{{ computed }}"),
            ("where", "/w/{{ id }}/"),
            ("twice", "{{ computed }}"),
        ] {
            let program = format!(
                "const where = `/w/${{post.id}}/`\nconst twice = twice\nrss({{ items: posts.map((post) => \
                 ({{ title: post.data.name, link: {expression}, date: new Date(post.data.day) }})) }})"
            );
            assert_eq!(link(&program), expected, "{expression}");
        }
    }

    #[test]
    fn feeds_tell_their_collections_and_fields() {
        let program = "import rss from '@astrojs/rss'\nconst posts = await \
                       getCollection<'x'>('posts', ({ data }) => !data.draft)\nconst more = import.meta\
                       .glob('./b/*.md', { eager: true })\nrss({ title: 'T', items: posts.map((post) => \
                       ({ title: post.data.heading, date: post.data.day })), trailingSlash: false })";
        let fields = fields("src/pages/rss.xml.js", program).unwrap();
        assert_eq!(find(&fields, "entries"), Some(&texts(vec!["posts".into()])));
        assert_eq!(find(&fields, "globs"), Some(&texts(vec!["./b/*.md".into()])));
        assert_eq!(text(&fields, &["title"]).as_deref(), Some("heading"));
        assert_eq!(text(&fields, &["date"]).as_deref(), Some("day"));
        assert_eq!(text(&fields, &["canonical"]).as_deref(), Some("false"));
    }

    #[test]
    fn pages_tell_what_their_parts_are() {
        let page = "---\nexport const getStaticPaths = async () => {\n  return pages.map((page) => {\n    \
                    const [lang, ...rest] = page.id.split('/')\n    return { params: { lang, slug: \
                    rest.join('/') || undefined, other: page.id } }\n  })\n}\n---\n<a>{{ params: { lang: 1 } }}</a>";
        let fields = fields("src/pages/[lang]/[...slug].astro", page).unwrap();
        let param = |name: &str| text(&fields, &[&format!("params.{name}")]);
        assert_eq!(param("lang").as_deref(), Some("{{ language }}"));
        assert_eq!(param("slug").as_deref(), Some("{{ below }}"));
        assert_eq!(param("other").as_deref(), Some("{{ id }}"));
    }

    #[test]
    fn collections_have_folders() {
        let program = "export const ROOT = 'src/data'\n\nconst blog = defineCollection({\n  loader: \
                       glob({ pattern: ['*.md'], base: `./${ROOT}/blog` }),\n})\nconst data = \
                       defineCollection({ type: 'data' })\nconst made = defineCollection({ loader: \
                       glob({ base: here(), generateId }) })\nexport const collections = { blog, data, \
                       'own-name': made, old: defineCollection({ schema: z.object({}) }), \
                       list: defineCollection({ loader: file('x.json') }) }";
        let fields = collections(program).unwrap();
        let Some(Value::Map(found)) = find(&fields, "collections") else { panic!("{fields:?}") };
        let names: Vec<&str> = found.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(names, ["blog", "own-name", "old"]);
        assert_eq!(text(&fields, &["collections.blog.base"]).as_deref(), Some("./src/data/blog"));
        assert!(found[1].value.get("made").is_some() && found[2].value.get("base").is_none());
    }

    #[test]
    fn nothing_hangs() {
        for text in
            ["link: `${a}${a}` ", "params: { a: b }, ", "link: ((((a)))) ", "const a = a + a "]
        {
            for program in [text.to_string(), text.repeat(2_000)] {
                let page = format!("---\n{program}\n---");
                let _ = (
                    fields("src/pages/rss.xml.js", &program),
                    fields("src/pages/[a].astro", &page),
                );
                let _ = collections(&format!("collections = {{ a, b: {program} }}"));
            }
        }
    }
}
