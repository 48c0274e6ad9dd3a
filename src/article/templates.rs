//! Template marks within a text: what can be shown plainly is, the rest is left out, so that no
//! reader sees `{{< figure >}}` or `{% include %}`. Nothing is run.

mod jsx;
mod liquid;
mod shortcodes;

use std::borrow::Cow;

use quick_xml::escape::escape;

use super::declared::Declared;
use super::flavour::Notation;
use super::verbatim::{Kinds, Verbatim};

/// Rewrites a text for readers.
pub fn render<'a>(text: &'a str, notation: Notation, declared: &Declared) -> Cow<'a, str> {
    let marks: &[&str] = match notation {
        Notation::None => return Cow::Borrowed(text),
        Notation::Liquid | Notation::Hexo => &["{{", "{%"],
        // Its plugin for Liquid tags has no values.
        Notation::Pelican => &["{%"],
        Notation::Hugo => &["{{<", "{{%"],
        Notation::Zola => &["{{", "{%"],
        Notation::Mdx => return Cow::Owned(jsx::render(text)),
    };
    if !marks.iter().any(|mark| text.contains(mark)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(match notation {
        Notation::Hexo | Notation::Pelican => {
            outside_code(text, |text| liquid::render(text, declared))
        }
        Notation::Hugo => shortcodes::hugo(text),
        Notation::Zola => shortcodes::zola(text),
        _ => liquid::render(text, declared),
    })
}

/// One line, such as a title: likewise, with no blank lines or fences in it.
pub fn render_line(text: &str, notation: Notation, declared: &Declared) -> String {
    if notation == Notation::Mdx || !text.contains('{') {
        return text.to_string();
    }
    super::fields::one_line(&render(text, notation, declared))
}

/// The parts of a text that are no code, rewritten; code stays as it is.
fn outside_code(text: &str, rewrite: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut prose = 0;
    for code in Verbatim::of(text, Kinds::Code).ranges() {
        if code.start > prose {
            out.push_str(&rewrite(&text[prose..code.start]));
        }
        out.push_str(&text[code.clone()]);
        prose = code.end;
    }
    out.push_str(&rewrite(&text[prose..]));
    out
}

/// What a tag's arguments say: `"x"`, `key="x"`, `key=x`, `key: "x"`, separated by spaces or commas.
#[derive(Debug, Default)]
struct Arguments {
    list: Vec<String>,
    named: Vec<(String, String)>,
}

impl Arguments {
    fn of(text: &str) -> Arguments {
        let mut arguments = Arguments::default();
        let mut rest = text.trim();
        let mut key: Option<String> = None;
        while let Some(c) = rest.chars().next() {
            if c.is_whitespace() || c == ',' {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            let (value, used) = match c {
                '"' | '\'' | '`' | '“' => {
                    let close = if c == '“' { '”' } else { c };
                    let inner = &rest[c.len_utf8()..];
                    let end = inner.find(close).unwrap_or(inner.len());
                    let used = c.len_utf8() + end + close.len_utf8();
                    (inner[..end].to_string(), used.min(rest.len()))
                }
                _ => {
                    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '=' | '"' | '\'');
                    let end = rest.find(ends).unwrap_or(rest.len()).max(c.len_utf8());
                    let bare = rest[..end].to_string();
                    let after = rest[end..].trim_start();
                    if after.starts_with('=') && key.is_none() {
                        key = Some(bare);
                        rest = &after[1..];
                        continue;
                    }
                    if let Some(name) = bare.strip_suffix(':').filter(|name| !name.is_empty()) {
                        key = Some(name.to_string());
                        rest = &rest[end..];
                        continue;
                    }
                    (bare, end)
                }
            };
            match key.take() {
                Some(key) => arguments.named.push((key.to_lowercase(), value)),
                None => arguments.list.push(value),
            }
            let used = (used..=rest.len()).find(|at| rest.is_char_boundary(*at));
            rest = &rest[used.unwrap_or(rest.len())..];
        }
        arguments
    }

    fn get(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| {
            let found = self.named.iter().find(|(name, _)| name == key);
            found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
        })
    }

    fn at(&self, place: usize) -> Option<&str> {
        self.list.get(place).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// What a tag is to a reader.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Link { address: String, text: String },
    Picture { source: String, alt: String },
    Text(String),
}

impl Shown {
    fn markdown(&self) -> String {
        match self {
            Shown::Link { address, text } => format!("[{text}]({address})"),
            Shown::Picture { source, alt } => format!("![{alt}](<{source}>)"),
            Shown::Text(text) => text.clone(),
        }
    }

    fn html(&self) -> String {
        match self {
            Shown::Link { address, text } => {
                format!("<a href=\"{}\">{}</a>", escape(address), escape(text))
            }
            Shown::Picture { source, alt } => {
                format!("<img src=\"{}\" alt=\"{}\">", escape(source), escape(alt))
            }
            Shown::Text(text) => escape(text).into_owned(),
        }
    }
}

/// What a tag is replaced with; within an element of HTML, Markdown would stay as it is.
fn shown(name: &str, arguments: &Arguments, before: &str) -> String {
    match known_tag(name, arguments).or_else(|| prose(arguments)) {
        Some(shown) if is_in_html(before) => shown.html(),
        Some(shown) => shown.markdown(),
        None => String::new(),
    }
}

/// Words that a tag of a site's own has for its readers.
fn prose(arguments: &Arguments) -> Option<Shown> {
    let text = arguments.get(&["text", "content", "body"])?.trim();
    // Other values are names of things.
    if !text.contains(char::is_whitespace) || text.contains("{{") {
        return None;
    }
    let text = text.to_string();
    match arguments.get(&["href", "url", "link"]) {
        Some(address) if !text.contains([']', '[']) && !address.contains(['(', ')', '<', ' ']) => {
            Some(Shown::Link { address: address.to_string(), text })
        }
        _ => Some(Shown::Text(text)),
    }
}

/// Elements that begin a block of HTML, which ends with a blank line (CommonMark, 4.6).
const HTML_BLOCKS: [&str; 24] = [
    "address",
    "article",
    "aside",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "section",
    "summary",
    "table",
    "td",
    "tr",
    "ul",
];
/// So far is the beginning of a block looked for.
const MOST_BEFORE: usize = 4_096;

fn is_in_html(before: &str) -> bool {
    let from = before.ceil_char_boundary(before.len().saturating_sub(MOST_BEFORE));
    let near = &before[from..];
    let block = match near.rfind("\n\n") {
        Some(at) => &near[at..],
        None if from == 0 => near,
        None => return false,
    };
    let Some(tag) = block.trim_start().strip_prefix('<') else { return false };
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    HTML_BLOCKS.contains(&name.to_ascii_lowercase().as_str())
}

/// What tags of many generators share: pictures, films, links.
fn known_tag(name: &str, arguments: &Arguments) -> Option<Shown> {
    const SOURCES: &[&str] = &[
        "src",
        "url",
        "path",
        "image",
        "image_path",
        "image_url",
        "img",
        "source",
        "file",
        "link",
    ];
    let first = || arguments.get(&["id", "video", "videoid"]).or_else(|| arguments.at(0));
    let link = |address: String| Some(Shown::Link { text: address.clone(), address });
    let id = |id: &str| id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    match name {
        "youtube" => {
            link(format!("https://www.youtube.com/watch?v={}", first().filter(|text| id(text))?))
        }
        "vimeo" => link(format!("https://vimeo.com/{}", first().filter(|text| id(text))?)),
        "gist" => {
            let (user, gist) = (arguments.at(0)?, arguments.at(1));
            let path = gist.map_or(user.to_string(), |gist| format!("{user}/{gist}"));
            let fits = path.split('/').all(id);
            fits.then(|| link(format!("https://gist.github.com/{path}")))?
        }
        "tweet" | "twitter" | "x" => {
            let user = arguments.get(&["user"]).filter(|text| id(text))?;
            let tweet = arguments.get(&["id"]).filter(|text| id(text))?;
            link(format!("https://twitter.com/{user}/status/{tweet}"))
        }
        _ if is_picture(name) => {
            let source = arguments.get(SOURCES).or_else(|| {
                arguments.list.iter().map(String::as_str).find(|text| is_picture_file(text))
            })?;
            let told = arguments.get(&["alt", "caption", "title", "description"]);
            picture(source, told.unwrap_or(""))
        }
        _ => None,
    }
}

fn is_picture(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["figure", "image", "img", "picture", "photo", "asset_img"]
        .iter()
        .any(|mark| name.contains(mark))
}

fn is_picture_file(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or(text).to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"]
        .iter()
        .any(|end| path.ends_with(end))
}

fn picture(source: &str, alt: &str) -> Option<Shown> {
    if source.contains(['{', '<', '>']) {
        return None;
    }
    let alt: String = alt.chars().filter(|c| !matches!(c, '[' | ']' | '\n' | '{' | '}')).collect();
    Some(Shown::Picture { source: source.to_string(), alt })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(notation: Notation, text: &str, expected: &str) {
        let declared = Declared { url: Some("https://a.example/".into()), ..Declared::default() };
        assert_eq!(render(text, notation, &declared), expected, "{text}");
    }

    #[test]
    fn liquid() {
        let check = |text, expected| check(Notation::Liquid, text, expected);
        check("a {{ page.title }}b", "a b");
        check("{% raw %}{{ x }}{% endraw %}", "{{ x }}");
        check("{% highlight ruby linenos %}\nputs\n{% endhighlight %}", "\n```ruby\nputs\n\n```\n");
        check("a{% comment %}no{% endcomment %}b", "ab");
        check("{% if x %}yes{% endif %}{%- assign y = 1 -%}", "yes");
        check(
            "[x]({{ site.url }}/y) [z]({{ '/q' | relative_url }})",
            "[x](https://a.example/y) [z](/q)",
        );
        check("{% include figure.html src='/i.png' alt=\"An i\" %}", "![An i](</i.png>)");
        check(
            "{% include youtube.html id=\"abc\" %}",
            "[https://www.youtube.com/watch?v=abc](https://www.youtube.com/watch?v=abc)",
        );
        check("{% for a in b %}{{ a }}{% endfor %}", "");
        check("open {{ never", "open {{ never");
        check("{{ {{ b {% include x %}c", "{{ {{ b c");
        check("open {% raw %} x", "open  x");
        check("[x]({% post_url 2024-01-02-name %})", "[x](syndic-file:2024-01-02-name)");
        check(
            "[x]({% ref \"2024-01-02-name.md\" %}) {% y z.md %}",
            "[x](syndic-file:2024-01-02-name.md) ",
        );
    }

    #[test]
    fn words_of_a_sites_own_tags_are_shown() {
        let zola = |text, expected| check(Notation::Zola, text, expected);
        zola("a {{ note(kind=\"tip\", text=\"Mind the *gap*.\") }} b", "a Mind the *gap*. b");
        zola("{{ icon(text=\"anchor\") }}", "");
        let hugo = |text, expected| check(Notation::Hugo, text, expected);
        hugo("{{< button href=\"/x\" text=\"To the harbour\" >}}", "[To the harbour](/x)");
        let liquid = |text, expected| check(Notation::Liquid, text, expected);
        liquid("{% include note.html content=\"Low & tide\" %}", "Low & tide");
        liquid("{% include note.html content=page.content %}", "");
    }

    #[test]
    fn within_html_a_tag_becomes_html() {
        let zola = |text: &str, expected: &str| check(Notation::Zola, text, expected);
        let image = "{{ image(src=\"a.png\", alt=\"<A>\") }}";
        let html = "<img src=\"a.png\" alt=\"&lt;A&gt;\">";
        let in_html =
            |text: &str, html: &str| zola(&text.replace("IT", image), &text.replace("IT", html));
        in_html("a\n\n<div class=x>\nIT\nIT\n</div>", html);
        in_html("<p>IT", html);
        in_html("<div>\n\nIT\n\n</div>", "![<A>](<a.png>)");
        in_html("a <b>b</b> IT", "![<A>](<a.png>)");
        let youtube = "https://www.youtube.com/watch?v=a";
        zola(
            "<figure>{{ youtube(id=\"a\") }}</figure>",
            &format!("<figure><a href=\"{youtube}\">{youtube}</a></figure>"),
        );
    }

    #[test]
    fn hugo() {
        let check = |text, expected| check(Notation::Hugo, text, expected);
        check("a {{< x >}}b{{< /x >}}", "a b");
        check("{{</* x */>}} {{%/* y */%}}", "{{< x >}} {{% y %}}");
        check("{{ keep }}{{< z", "{{ keep }}{{< z");
        check("{{% z {{< x >}}a", "{{% z a");
        check("{{< figure src=\"i.png\" caption=\"C\" >}}", "![C](<i.png>)");
        check(
            "{{< youtube abc >}}",
            "[https://www.youtube.com/watch?v=abc](https://www.youtube.com/watch?v=abc)",
        );
        check("[x]({{< ref \"post.md\" >}})", "[x](syndic-file:post.md)");
        check("{{< highlight go >}}\nx\n{{< /highlight >}}", "\n```go\nx\n\n```\n");
    }

    #[test]
    fn zola() {
        let check = |text, expected| check(Notation::Zola, text, expected);
        check("a {{ x(y=\"}}\") }}b", "a b");
        check("{% quote(author=\"A\") %}said{% end %}", "said");
        check("{{/* x() */}}", "{{ x() }}");
        check(
            "{{ youtube(id=\"abc\") }}",
            "[https://www.youtube.com/watch?v=abc](https://www.youtube.com/watch?v=abc)",
        );
        check("{{ image(src=\"i.png\", alt=\"I\") }}", "![I](<i.png>)");
        check("{{ no }}", "{{ no }}");
        for written_about in ["{% endfor %}", "{{ m::title(page=page) }}", "{{ code({ x }) {} }}"] {
            check(written_about, written_about);
        }
    }

    #[test]
    fn hexo() {
        let check = |text, expected| check(Notation::Hexo, text, expected);
        check("{% x %}`{% y %}`", "`{% y %}`");
        check("```\n{{ x }}\n```\n{{ x }}", "```\n{{ x }}\n```\n");
        check("{% asset_img a.png A title %}", "![](<a.png>)");
        check("{% codeblock lang:js %}\nx\n{% endcodeblock %}", "\n```js\nx\n\n```\n");
        check("{% link Text https://b.example %}", "[Text](https://b.example)");
    }

    #[test]
    fn mdx() {
        let check = |text, expected| check(Notation::Mdx, text, expected);
        check("import X from 'x'\n\nText.\n", "\nText.\n");
        check("They could\nimport it.\n\nexport const a = 1;\n", "They could\nimport it.\n\n");
        check("import {\n  Tabs,\n  It's,\n} from 'x';\nText.\n", "Text.\n");
        check("export const M = () => (\n  <b>no</b>\n);\n\nText (x).\n", "\nText (x).\n");
        check("<X a={1} b=\"2>\" />text", "text");
        check("<X>\n\ninner\n\n</X>", "\n\ninner\n\n");
        check("a {1 + {b: 2}} b {'c'} {/* d */}", "a  b c ");
        check("`<X/>` {/* truncate */}", "`<X/>` <!-- truncate -->");
        check(":::tip[Title]\n\ninner\n\n:::\n", "**Title**\n\n\ninner\n\n");
        check(":::tip[A [b](/c)]{.x}\n", "**A [b](/c)**\n\n");
        check("<b style={{a: 1}} class=\"x\">y</b>", "<b class=\"x\">y</b>");
        check("<b\n  a={1}\n  class=\"x\"\n>y</b>", "<b class=\"x\" >y</b>");
        check("<div>**y**</div>", "\n\n<div>\n\n**y**\n\n</div>\n\n");
        check("- <small>\n  *y*\n", "- <small>\n  *y*\n");
        check("  <small>\n  *y*\n", "  \n\n  <small>\n\n  \n  *y*\n");
        check("```\n// highlight-next-line\nx\n```\n", "```\nx\n```\n");
        check("<img src={require('./a.png').default} />", "<img src=\"./a.png\" />");
        check("1 < 2 and {", "1 < 2 and {");
        check("```js\nimport y\n```\n", "```js\nimport y\n```\n");
    }

    #[test]
    fn nothing_hangs() {
        for notation in
            [Notation::Liquid, Notation::Hexo, Notation::Hugo, Notation::Zola, Notation::Mdx]
        {
            for piece in
                ["{{", "{%", "{{<", "<X ", "{% raw %}", "`", "{", "<a b={", "{{ x(", "\"", "é“"]
            {
                render(&piece.repeat(20_000), notation, &Declared::default());
            }
        }
    }
}
