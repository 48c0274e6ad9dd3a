use super::*;
use crate::article::flavour::Flavour;

fn check(text: &str, expected: &str) {
    let resolve = |target: &str| target.strip_suffix(".org").map(|path| format!("/{path}/"));
    let made = to_html(text, text, &resolve).split('\n').collect::<Vec<_>>().join("¶");
    assert_eq!(made.trim_end_matches('¶'), expected, "{text}");
}

fn fields(text: &str) -> (Vec<Field>, &str) {
    let (matter, at) = open(text, Flavour::plain().forms).unwrap();
    (matter.unwrap_or_default().fields, &text[at..])
}

#[test]
fn paragraphs_and_what_is_in_them() {
    check(
        "A *bold /and italic/*, _u_, +s+, =v *x*=,\n~c<d>~.",
        "<p>A <strong>bold <em>and italic</em></strong>, <u>u</u>, <del>s</del>, <code>v *x*</code>,¶<code>c&lt;d&gt;</code>.</p>",
    );
    check("2*3*4, a/b/c, snake_case_x, * x", "<p>2*3*4, a/b/c, snake_case_x, * x</p>");
    check(
        "H_{2}O, x^{2}, \\alpha{}b \\unknown",
        "<p>H<sub>2</sub>O, x<sup>2</sup>, &alpha;b \\unknown</p>",
    );
    check("a -- b--c, d---e... f ---- ls --all", "<p>a -- b–c, d—e… f ---- ls --all</p>");
    check("one\\\\\ntwo", "<p>one<br>¶two</p>");
    check("$x_{1}*y*$ and \\(a_{b}\\), 5$ or $6", "<p>$x_{1}*y*$ and \\(a_{b}\\), 5$ or $6</p>");
    check(
        "@@html:<b>@@x@@html:</b>@@ @@latex:y@@ src_sh{ls -l}",
        "<p><b>x</b>  <code>ls -l</code></p>",
    );
    check("#+MACRO: hi Hi, *$1*!\n{{{hi(you)}}} {{{none}}}", "<p>Hi, <strong>you</strong>! </p>");
}

#[test]
fn links() {
    check(
        "[[https://a.example/?a&b][a *b*]]",
        "<p><a href=\"https://a.example/?a&amp;b\">a <strong>b</strong></a></p>",
    );
    check(
        "[[file:../b.org::*There][b]] [[*Here][there]] [[id:1-2][c]]",
        "<p><a href=\"/../b/\">b</a> there c</p>",
    );
    check(
        "[[./a.png]] [[https://x.example/][file:b.jpg]]",
        "<p><img src=\"./a.png\" alt=\"\"> <a href=\"https://x.example/\"><img src=\"b.jpg\" alt=\"\"></a></p>",
    );
    check(
        "<https://a.example/b>, (https://c.example/d).",
        "<p><a href=\"https://a.example/b\">https://a.example/b</a>, (<a href=\"https://c.example/d\">https://c.example/d</a>).</p>",
    );
    check(
        "#+LINK: gh https://g.example/%s.git\n[[gh:a/b][it]]",
        "<p><a href=\"https://g.example/a/b.git\">it</a></p>",
    );
    check("<<here>>a <<<b>>>", "<p>a b</p>");
}

#[test]
fn headlines() {
    check(
        "* TODO [#A] One *two* :tag:@b:\nSCHEDULED: <2024-01-02 Tue>\n:PROPERTIES:\n:ID: x\n:END:\nText.",
        "<h2>One <strong>two</strong></h2>¶<p>Text.</p>",
    );
    check("* A :noexport:\nx\n** B\ny\n* C\nz", "<h2>C</h2>¶<p>z</p>");
    check("* COMMENT A\nx\n* B", "<h2>B</h2>");
    check("*bold* at the beginning", "<p><strong>bold</strong> at the beginning</p>");
    assert_eq!(first_heading("text\n* The /first/ :x:\n* Other").as_deref(), Some("The first"));
}

#[test]
fn blocks() {
    check(
        "#+begin_src rust :exports both\n  fn f() {\n    ,* <x>\n  }\n#+end_src",
        "<pre><code class=\"language-rust\">fn f() {¶  * &lt;x&gt;¶}¶</code></pre>",
    );
    check(
        "#+BEGIN_SRC sh :exports none\nls\n#+END_SRC\n#+RESULTS:\n: a\n: b\n\nText.",
        "<p>Text.</p>",
    );
    check(
        "#+begin_quote\nA\n#+begin_example\n*b*\n#+end_example\n#+end_quote",
        "<blockquote>¶<p>A</p>¶<pre><code>*b*¶</code></pre>¶</blockquote>",
    );
    check(
        "#+begin_export html\n<b>x</b>\n#+end_export\n#+begin_export latex\ny\n#+end_export\n#+begin_comment\nz\n#+end_comment",
        "<b>x</b>",
    );
    check("#+begin_verse\none\n  two\n#+end_verse", "<p>one<br>¶  two</p>");
    check("#+begin_aside\nWhat is *said*.\n#+end_aside", "<p>What is <strong>said</strong>.</p>");
    check("#+begin_quote\nnever ended", "<p>never ended</p>");
    check(": fixed *x*\n:   y", "<pre><code>fixed *x*¶  y¶</code></pre>");
    check(
        "#+CAPTION: A *c*\n[[./a.png]]",
        "<figure>¶<p><img src=\"./a.png\" alt=\"\"></p>¶<figcaption>A <strong>c</strong></figcaption>¶</figure>",
    );
    check("a\n# a comment\n#+OPTIONS: x\nb\n-----\nc", "<p>a</p>¶<p>b</p>¶<hr>¶<p>c</p>");
    check(":LOGBOOK:\nx\n:END:\n:NOTES:\ny\n:END:", "<p>y</p>");
    check("a\n\n# more\n\nb", "<p>a</p>¶<!-- more -->¶<p>b</p>");
}

#[test]
fn lists_and_tables() {
    check(
        "- one\n  more\n  - two\n- [X] three\n\n  four\n\nEnd.",
        "<ul>¶<li><p>one¶more</p>¶<ul>¶<li>two</li>¶</ul>¶</li>¶<li><p>☑ three</p>¶<p>four</p>¶</li>¶</ul>¶<p>End.</p>",
    );
    check("3. [@3] three\n4. four", "<ol start=\"3\">¶<li>three</li>¶<li>four</li>¶</ol>");
    check(
        "- a term :: said\n- b :: \n  more",
        "<dl>¶<dt>a term</dt>¶<dd>said</dd>¶<dt>b</dt>¶<dd>more</dd>¶</dl>",
    );
    check("- a\n\n\n- b", "<ul>¶<li>a</li>¶</ul>¶<ul>¶<li>b</li>¶</ul>");
    check(
        "| a | *b* |\n|---+-----|\n| <l> | |\n| 1 | 2\\vert{}3 |\n#+TBLFM: x",
        "<table>¶<tr><th>a</th><th><strong>b</strong></th></tr>¶<tr><td>1</td><td>2&vert;3</td></tr>¶</table>",
    );
}

#[test]
fn footnotes() {
    check(
        "A[fn:1] b[fn:x] c[fn::said *here*] d[fn:1]\n\n* Notes\n[fn:1] One\n[fn:x] Two,\nmore.\n",
        "<p>A<sup>[1]</sup> b<sup>[2]</sup> c<sup>[3]</sup> d<sup>[1]</sup></p>¶<h2>Notes</h2>¶<hr>¶<ol>¶<li>One</li>¶<li>Two,¶more.</li>¶<li>said <strong>here</strong></li>¶</ol>",
    );
}

#[test]
fn keywords() {
    let scalar = |key: &str, line, value: &str| Field {
        key: key.into(),
        line,
        value: Value::Scalar(value.into()),
    };
    let listed = |key: &str, line, values: &[&str]| Field {
        key: key.into(),
        line,
        value: Value::List(values.iter().map(|value| Value::Scalar(value.to_string())).collect()),
    };
    let text = "# -*- mode: org -*-\n:PROPERTIES:\n:ID: 1\n:END:\n#+title: A =b=\n#+DATE: [2024-03-12 Tue 10:30]\n\n#+filetags: :a:b:\n#+categories[]: c d\n#+OPTIONS: toc:nil\n#+TAGS: home(h) work(w)\nText.";
    let expected = vec![
        scalar("title", 5, "A b"),
        scalar("date", 6, "2024-03-12 10:30"),
        listed("tags", 8, &["a", "b"]),
        listed("categories", 9, &["c", "d"]),
    ];
    assert_eq!(fields(text), (expected, "Text."));
    let text = "#+DESCRIPTION: One\n#+DESCRIPTION: two\n#+TAGS: a\n#+TAGS: b\n# more\nx";
    let expected = vec![scalar("description", 1, "One two"), listed("tags", 3, &["a", "b"])];
    assert_eq!(fields(text), (expected, "# more\nx"));
    let text = "#+TITLE: T\n#+CAPTION: C\n[[./a.png]]";
    assert_eq!(fields(text), (vec![scalar("title", 1, "T")], "#+CAPTION: C\n[[./a.png]]"));
    assert_eq!(fields(":NOTE:\nx\n:END:").1, ":NOTE:\nx\n:END:");
    assert_eq!(fields("---\ntitle: T\n---\n* H").0, vec![scalar("title", 2, "T")]);
    assert_eq!(fields("* H\n#+DATE: 2024-01-02").0, vec![]);
}
