use super::*;
use crate::article::flavour::Flavour;

fn html(head: &str, text: &str) -> String {
    let resolve = |target: &str| target.strip_suffix(".adoc").map(|path| format!("/{path}/"));
    to_html(text, head, &resolve)
}

fn check(text: &str, expected: &str) {
    let made = html("", text).split('\n').collect::<Vec<_>>().join("¶");
    assert_eq!(made.trim_end_matches('¶'), expected, "{text}");
}

fn fields(text: &str) -> (Vec<(String, Value, u32)>, &str) {
    let (matter, at) = open(text, Flavour::plain().forms).unwrap();
    let fields = matter.unwrap_or_default().fields.into_iter();
    (fields.map(|field| (field.key, field.value, field.line)).collect(), &text[at..])
}

fn scalar(text: &str) -> Value {
    Value::Scalar(text.into())
}

fn listed(values: &[&str]) -> Value {
    Value::List(values.iter().map(|value| scalar(value)).collect())
}

#[test]
fn paragraphs_and_what_is_in_them() {
    check(
        "One *two _three_*, `four *5*` and #six#,\n`+*7*+` b**o**ld.",
        "<p>One <strong>two <em>three</em></strong>, <code>four <strong>5</strong></code> and <mark>six</mark>,¶<code>*7*</code> b<strong>o</strong>ld.</p>",
    );
    check("snake_case_x 2*3*4 * a_ \\*b* \\{c}", "<p>snake_case_x 2*3*4 * a_ *b* {c}</p>");
    check("H~2~O 10^th^ a ^ b ^ c", "<p>H<sub>2</sub>O 10<sup>th</sup> a ^ b ^ c</p>");
    check(
        "- [.line-through]#a# [.big]#b# [c]*d* [e]",
        "<ul>¶<li><del>a</del> <span>b</span> <strong>d</strong> [e]</li>¶</ul>",
    );
    check(
        "+a *b*+ ++c++ +++<u>d</u>+++ pass:[<i>e</i>] pass:c[<f>]",
        "<p>a *b* c <u>d</u> <i>e</i> &lt;f&gt;</p>",
    );
    check(
        "\"`Quoted`\" '`too`' it's a -- b c--d e... (C) -> &sect; &#167; & x",
        "<p>“Quoted” ‘too’ it’s a — b c—\u{200b}d e… © → &sect; &#167; &amp; x</p>",
    );
    check("{cpp} 2{asterisk}3{asterisk}4 {backslash}", "<p>C&#43;&#43; 2&#42;3&#42;4 \\</p>");
    check("one +\ntwo", "<p>one<br>¶two</p>");
    check("((shown)) (((hidden, too)))x [[here]]y", "<p>shown x y</p>");
    check(
        "kbd:[Ctrl+T] menu:File[Save > As] stem:[x_1]",
        "<p><kbd>Ctrl+T</kbd> File › Save › As <code>x_1</code></p>",
    );
}

#[test]
fn backslashes_before_no_mark_stay() {
    check(
        r#"`\d+\.\d+` `\(foo\)` `C:\-x` `\[a-z\]` `a\_b` "a\"b" path \.txt \\x"#,
        r#"<p><code>\d+\.\d+</code> <code>\(foo\)</code> <code>C:\-x</code> <code>\[a-z\]</code> <code>a\_b</code> &quot;a\&quot;b&quot; path \.txt \\x</p>"#,
    );
    check(
        r"\*a* \**b** \http://c.example \<<d>> it\'s \... \-> \{e}",
        "<p>*a* **b** http://c.example &lt;&lt;d&gt;&gt; it&apos;s ... -&gt; {e}</p>",
    );
    check("`++` `++x++` it`'s", "<p><code>++</code> <code>x</code> it’s</p>");
}

#[test]
fn links() {
    check(
        "https://a.example/?b&c[the *text*^], https://d.example/e. <https://f.example>",
        "<p><a href=\"https://a.example/?b&amp;c\">the <strong>text</strong></a>, <a href=\"https://d.example/e\">https://d.example/e</a>. <a href=\"https://f.example\">https://f.example</a></p>",
    );
    check(
        "link:a/b.html[\"One, two\",role=x] link:c.adoc[d] mailto:e@f.example[]",
        "<p><a href=\"a/b.html\">One, two</a> <a href=\"/c/\">d</a> <a href=\"mailto:e@f.example\">e@f.example</a></p>",
    );
    check(
        "<<there>> <<there,text>> <<_the_end>> <<no>> xref:b.adoc#x[B]\n\n[#there]\n.Its title\n----\n----\n\n== The end",
        "<p>Its title text The end [no] <a href=\"b.adoc#x\">B</a></p>¶<p><strong>Its title</strong></p>¶<pre><code></code></pre>¶<h2>The end</h2>",
    );
    check(
        "image:a-b.png[] image:c.png[C,10,link=https://d.example]",
        "<p><img src=\"a-b.png\" alt=\"a b\"> <a href=\"https://d.example\"><img src=\"c.png\" alt=\"C\" width=\"10\"></a></p>",
    );
    check(
        "https://a.example[image:b.png[B]]",
        "<p><a href=\"https://a.example\"><img src=\"b.png\" alt=\"B\"></a></p>",
    );
    check(
        ".What it shows\nimage::{d}/e.png[E]\n\nvideo::abc[youtube]",
        "<figure>¶<img src=\"{d}/e.png\" alt=\"E\">¶<figcaption>Figure 1. What it shows</figcaption>¶</figure>¶<p><a href=\"https://www.youtube.com/watch?v=abc\">https://www.youtube.com/watch?v=abc</a></p>",
    );
}

#[test]
fn attributes_and_conditions() {
    let head = "= T\n:base: https://a.example\n:imagesdir: /img\n:long: one \\\n  two\n";
    assert_eq!(
        html(head, "{base}/x[b] {long} {no} {nbsp}image:p.png[P]\n"),
        "<p><a href=\"https://a.example/x\">b</a> one two {no} \u{a0}<img src=\"/img/p.png\" alt=\"P\"></p>\n"
    );
    check(
        ":a: 1\n\nifdef::a[]\nyes {a}\nifndef::b[]\nand yes\nendif::[]\nendif::[]\nifdef::b[]\nno\nendif::[]\nifdef::a[inline]\nifeval::[\"{a}\" == \"2\"]\nno\nendif::[]\ninclude::secret[]\n:!a:\n\n{a}",
        "<p>yes 1¶and yes¶inline</p>¶<p>{a}</p>"
            .replace("¶inline</p>¶", "¶inline¶:!a:</p>¶")
            .replace("{a}", "1")
            .as_str(),
    );
    // What refers to itself again and again comes to an end.
    let bomb: String = (1..40).map(|n| format!(":a{n}: {{a{}}}{{a{}}}\n", n - 1, n - 1)).collect();
    assert!(
        html(&format!("= T\n:a0: xxxxxxxxxx\n{bomb}"), &"{a39} ".repeat(1_000)).len() < 1_000_000
    );
}

#[test]
fn sections_and_blocks() {
    check(
        "== One\n\ntext\n\nTwo\n---\n\n=== Three *3*",
        "<h2>One</h2>¶<p>text</p>¶<h2>Two</h2>¶<h3>Three <strong>3</strong></h3>",
    );
    check(
        "[source,rust]\n----\nfn f() {} // <1>\n<x>\n----\n<1> It *does*",
        "<pre><code class=\"language-rust\">fn f() {} // (1)¶&lt;x&gt;¶</code></pre>¶<ol>¶<li>It <strong>does</strong></li>¶</ol>",
    );
    check(
        "```sh\nls\n```\n\n....\n*a*\n....\n\n b\n  c",
        "<pre><code class=\"language-sh\">ls¶</code></pre>¶<pre><code>*a*¶</code></pre>¶<pre><code>b¶ c¶</code></pre>",
    );
    check(
        "NOTE: See _this_.\n\n[TIP]\n====\nOr that.\n====",
        "<blockquote>¶<p><strong>Note:</strong></p>¶<p>See <em>this</em>.</p>¶</blockquote>¶<blockquote>¶<p><strong>Tip:</strong></p>¶<p>Or that.</p>¶</blockquote>",
    );
    check(
        "[quote, Ann, \"A book, 2nd\"]\n____\nSaid.\n____",
        "<blockquote>¶<p>Said.</p>¶<p>— Ann, A book, 2nd</p>¶</blockquote>",
    );
    check("[verse]\none\n two", "<blockquote>¶<p>one<br>¶ two</p>¶</blockquote>");
    check(
        "++++\n<b>x</b>\n++++\n\n////\nno\n////\n// nor this\n****\nside\n****",
        "<b>x</b>¶<p>side</p>",
    );
    check("a\n\n'''\n\n--\nb\n--\n\n====\nc\n====", "<p>a</p>¶<hr>¶<p>b</p>¶<p>c</p>");
    check(
        "\"It is so.\"\n-- Ann, A book",
        "<blockquote>¶<p>It is so.</p>¶<p>— Ann, A book</p>¶</blockquote>",
    );
    check(
        "[subs=quotes]\n----\n*ls* <x>\n----\n\n''''",
        "<pre><code><strong>ls</strong> &lt;x&gt;¶</code></pre>¶<hr>",
    );
    check(
        "----\n\ta\n:b: c \\\nd\n----\n\n{b}",
        "<pre><code>\ta¶:b: c \\¶d¶</code></pre>¶<p>{b}</p>",
    );
    check(
        "{counter:a} {counter:a} {a} pass:q[*x* <u>y</u>]",
        "<p>1 2 2 <strong>x</strong> <u>y</u></p>",
    );
    check(
        "ifeval::[{missing} >= 2]\nno\nendif::[]\nifeval::[3 >= 2]\nyes\nendif::[]",
        "<p>yes</p>",
    );
    check("----\nnever ended", "<pre><code>never ended¶</code></pre>");
    check("a\n\n// more\n\nb\n\n<!-- more -->", "<p>a</p>¶<!-- more -->¶<p>b</p>¶<!-- more -->");
}

#[test]
fn lists() {
    check(
        "* a\n** b\nmore\n* c\n\n\ntext",
        "<ul>¶<li><p>a</p>¶<ul>¶<li>b¶more</li>¶</ul>¶</li>¶<li>c</li>¶</ul>¶<p>text</p>",
    );
    check(
        ". a\n+\n----\nx\n----\n. b\n\n. c\n.. d",
        "<ol>¶<li><p>a</p>¶<pre><code>x¶</code></pre>¶</li>¶<li>b</li>¶<li><p>c</p>¶<ol>¶<li>d</li>¶</ol>¶</li>¶</ol>",
    );
    check(
        ". one\n\nA picture.\n\n[start=3]\n. three",
        "<ol>¶<li>one</li>¶</ol>¶<p>A picture.</p>¶<ol start=\"3\">¶<li>three</li>¶</ol>",
    );
    check(
        ". x\n* a\n** b\n\n[square]\n* c",
        "<ol>¶<li><p>x</p>¶<ul>¶<li><p>a</p>¶<ul>¶<li>b</li>¶</ul>¶</li>¶</ul>¶</li>¶</ol>¶<ul>¶<li>c</li>¶</ul>",
    );
    check(
        "4. a\n5. b\n\n- [x] c\n- d",
        "<ol start=\"4\">¶<li>a</li>¶<li><p>b</p>¶<ul>¶<li>☑ c</li>¶<li>d</li>¶</ul>¶</li>¶</ol>",
    );
    check(
        "a:: b\nc::\n  d\n\ne::\nf:: g",
        "<dl>¶<dt>a</dt>¶<dd>b</dd>¶<dt>c</dt>¶<dd>d</dd>¶<dt>e</dt>¶<dt>f</dt>¶<dd>g</dd>¶</dl>",
    );
    check(
        "* a\n** b\n+\nto b\n\n+\nto a\n* c",
        "<ul>¶<li><p>a</p>¶<ul>¶<li><p>b</p>¶<p>to b</p>¶</li>¶</ul>¶<p>to a</p>¶</li>¶<li>c</li>¶</ul>",
    );
}

#[test]
fn tables() {
    check(
        "|===\n|a |b\n\n|1 |2\\|3\n|===",
        "<table>¶<tr><th>a</th><th>b</th></tr>¶<tr><td>1</td><td>2|3</td></tr>¶</table>",
    );
    check(
        ".T\n[cols=\"1,1a\"]\n|===\n|x\n|* y\n2+|z\n|===",
        "<table>¶<caption>Table 1. T</caption>¶<tr><td>x</td><td><ul>¶<li>y</li>¶</ul>¶</td></tr>¶<tr><td colspan=\"2\">z</td></tr>¶</table>",
    );
    check(
        "[%header,format=csv]\n|===\na,\"b, \"\"c\"\"\"\nd,e\n|===",
        "<table>¶<tr><th>a</th><th>b, &quot;c&quot;</th></tr>¶<tr><td>d</td><td>e</td></tr>¶</table>",
    );
}

/// What repeats itself has an end.
#[test]
fn tables_that_grow() {
    check(
        "[cols=2]\n|===\n|a|b\n2*|c\n.1000+|d|e\n|===",
        "<table>¶<tr><td>a</td><td>b</td></tr>¶<tr><td>c</td><td>c</td></tr>¶<tr><td rowspan=\"1000\">d</td><td>e</td></tr>¶</table>",
    );
    let nested = "[separator=|]\n!===\n100*a|\n[separator=;]\n!====\n100*a;\n[separator=&]\n!=====\n100*a&\n[separator=@]\n!======\n100*a@\nx\n!======\n!=====\n!====\n!===";
    assert!(html("", nested).len() < 4 * 1024 * 1024);
    let repeated = format!("|===\n{}|===", "100*|x\n".repeat(10_000));
    assert!(html("", &repeated).len() < 4 * 1024 * 1024);
    let spanned = format!("[cols=1]\n|===\n{}|===", ".1000+|a\n".repeat(1_000));
    assert!(html("", &spanned).len() < 100_000);
}

#[test]
fn footnotes() {
    check(
        "A.footnote:[One _1_.] Bfootnote:x[Two] C.footnote:x[]",
        "<p>A.<sup>[1]</sup> B<sup>[2]</sup> C.<sup>[2]</sup></p>¶<hr>¶<ol>¶<li>One <em>1</em>.</li>¶<li>Two</li>¶</ol>",
    );
}

#[test]
fn headers() {
    let text = "// a comment\n= A _title_: more\nAnn Ay <a@x.example>; Bob_B Cee\nv1.2, 2024-03-12: First\n:page-tags: [a, b]\n:page-date: 2024-03-13\n:url: https://x.example\n:description: What {url} says\n\nText.";
    let expected = vec![
        ("tags".to_string(), listed(&["a", "b"]), 5),
        ("date".to_string(), scalar("2024-03-13"), 6),
        ("author".to_string(), listed(&["Ann Ay", "Bob B Cee"]), 3),
        ("description".to_string(), scalar("What https://x.example says"), 8),
        ("title".to_string(), scalar("A title: more"), 2),
    ];
    assert_eq!(fields(text), (expected, "\nText."));
    let text = "---\ntitle: Told\n---\n= Said\n:tags: a, b\n\nText.";
    let expected =
        vec![("title".to_string(), scalar("Told"), 2), ("tags".to_string(), scalar("a, b"), 5)];
    assert_eq!(fields(text), (expected, "\nText."));
    let text = ":jbake-type: post\n:jbake-date: 2024-01-02\n= T\n\n== S";
    let expected = vec![
        ("type".to_string(), scalar("post"), 1),
        ("date".to_string(), scalar("2024-01-02"), 2),
        ("title".to_string(), scalar("T"), 3),
    ];
    assert_eq!(fields(text), (expected, "\n== S"));
    let text = "[[top]]\n= T\n// a comment\nKim Lee <k@x.example>\n2.0, 12 March 2024\n\nText.";
    let expected = vec![
        ("author".to_string(), listed(&["Kim Lee"]), 4),
        ("date".to_string(), scalar("12 March 2024"), 5),
        ("title".to_string(), scalar("T"), 2),
    ];
    assert_eq!(fields(text), (expected, "\nText."));
    let text = "+++\ntitle = \"Toml\"\n+++\n\n*b*";
    assert_eq!(fields(text), (vec![("title".to_string(), scalar("Toml"), 2)], "\n*b*"));
    assert_eq!(fields("+++<b>+++ x").0, vec![]);
    assert_eq!(fields("Text.\n\n= No title"), (vec![], "Text.\n\n= No title"));
    assert_eq!(first_heading("Text.\n\n== The *first*\n").as_deref(), Some("The first"));
}
