use super::*;
use crate::article::flavour::Flavour;

fn html(text: &str) -> String {
    to_html(text, text, &|target| target.strip_prefix("{filename}").map(|path| format!("/{path}")))
}

fn check(text: &str, expected: &str) {
    let made: String = html(text).split('\n').collect::<Vec<_>>().join("¶");
    assert_eq!(made.trim_end_matches('¶'), expected, "{text}");
}

fn fields(text: &str) -> (Vec<(String, String)>, &str) {
    let (matter, at) = open(text, Flavour::plain().forms).unwrap();
    let fields = matter.unwrap_or_default().fields.into_iter();
    let of = |field: Field| (field.key, field.value.as_str().unwrap_or("").to_string());
    (fields.map(of).collect(), &text[at..])
}

#[test]
fn paragraphs_and_what_is_in_them() {
    check("One *two*,\n**three**.", "<p>One <em>two</em>,¶<strong>three</strong>.</p>");
    check(
        "``a *b* <c>`` 2*3*4 \"*\" x*y",
        "<p><code>a *b* &lt;c&gt;</code> 2*3*4 &quot;*&quot; x*y</p>",
    );
    check("a\\ *b*\\ c \\*d*", "<p>a<em>b</em>c *d*</p>");
    check("*a", "<p>*a</p>");
    check(
        "H\\ :sub:`2`\\ O, :math:`x`, `t`, `k`:kbd:, :raw-html:`<b>`.",
        "<p>H<sub>2</sub>O, <code>x</code>, <em>t</em>, <code>k</code>, .</p>",
    );
    check(
        ":doc:`Text <target>` and :func:`~a.b`, :pep:`8`",
        "<p>Text and a.b, <a href=\"https://peps.python.org/pep-0008/\">PEP 8</a></p>",
    );
    check("| one\n| two\n  more", "<p>one<br>¶two more</p>");
    check("One.\n\n----\n\nTwo.", "<p>One.</p>¶<hr>¶<p>Two.</p>");
}

#[test]
fn links() {
    check(
        "`a b <https://x.example/?a&b>`_ c",
        "<p><a href=\"https://x.example/?a&amp;b\">a b</a> c</p>",
    );
    check(
        "`here <{filename}/b.rst>`__",
        "<p><a href=\"/b.rst\">here</a></p>".replace("/b", "//b").as_str(),
    );
    check(
        "Docs_, `the  docs`_, no_one.\n\n.. _docs:\n.. _The docs: https://d.example/\n   a",
        "<p><a href=\"https://d.example/a\">Docs</a>, <a href=\"https://d.example/a\">the  docs</a>, no_one.</p>",
    );
    check(
        "one__ two__\n\n__ https://1.example/\n.. __: https://2.example/",
        "<p><a href=\"https://1.example/\">one</a> <a href=\"https://2.example/\">two</a></p>",
    );
    check(
        "`x <docs_>`_ y_\n\n.. _docs: https://d.example/\n.. _y: docs_",
        "<p><a href=\"https://d.example/\">x</a> <a href=\"https://d.example/\">y</a></p>",
    );
    check(
        "See (https://a.example/b_(c)), mailto:a@b.example.",
        "<p>See (<a href=\"https://a.example/b_(c)\">https://a.example/b_(c)</a>), <a href=\"mailto:a@b.example\">a@b.example</a>.</p>",
    );
    check(
        "A [#n]_ b [#]_ c [1]_\n\n.. [#n] Named\n.. [#] Not.",
        "<p>A <sup>[1]</sup> b <sup>[2]</sup> c <sup>[1]</sup></p>¶<dl>¶<dt>[1]</dt>¶<dd>Named</dd>¶</dl>¶<dl>¶<dt>[2]</dt>¶<dd>Not.</dd>¶</dl>",
    );
    check(
        "|a| |i| |none|\n\n.. |a| replace:: *x* |a|\n.. |i| image:: i.png\n   :alt: I",
        "<p><em>x</em> <em>x</em> <em>x</em> <em>x</em> a <img src=\"i.png\" alt=\"I\"> |none|</p>",
    );
}

#[test]
fn blocks_of_many_kinds() {
    check("A\n=\n\na\n\nB\n-\n\n===\n C\n===\n", "<h2>A</h2>¶<p>a</p>¶<h3>B</h3>¶<h4>C</h4>");
    check(
        "Code::\n\n   if <a>:\n       b\n\nend ::\n\n> q\n\n::\n\n c",
        "<p>Code:</p>¶<pre><code>if &lt;a&gt;:¶    b¶</code></pre>¶<p>end</p>¶<pre><code>&gt; q¶</code></pre>¶<pre><code>c¶</code></pre>",
    );
    check(
        "- a\n- b\n  c\n\n  d\n\n  * e",
        "<ul>¶<li>a</li>¶<li><p>b¶c</p>¶<p>d</p>¶<ul>¶<li>e</li>¶</ul>¶</li>¶</ul>",
    );
    check("3. a\n4. b\n\n#. c", "<ol start=\"3\">¶<li>a</li>¶<li>b</li>¶<li>c</li>¶</ol>");
    check("1984. It was\na year.", "<p>1984. It was¶a year.</p>");
    check(
        "term : class\n   What it is.\n\n:field: value",
        "<dl>¶<dt>term (class)</dt>¶<dd>What it is.</dd>¶</dl>¶<dl>¶<dt>field</dt>¶<dd>value</dd>¶</dl>",
    );
    check(
        "a\n\n  quoted\n\n.. comment\n   more\n\n.. TEASER_END\n\n>>> 1\n1",
        "<p>a</p>¶<blockquote>¶<p>quoted</p>¶</blockquote>¶<!--more-->¶<pre><code>&gt;&gt;&gt; 1¶1¶</code></pre>",
    );
    check(
        "==  ==\nA   B\n==  ==\n1   2\n    3\n==  ==\n\nx",
        "<table>¶<tr><th>A</th><th>B</th></tr>¶<tr><td>1</td><td>2¶3</td></tr>¶</table>¶<p>x</p>",
    );
    // Rows that some cells span, wide characters, columns that are one.
    check(
        "+------+------+\n| 你好 | spans |\n+------+ rows |\n| b    | here |\n+------+------+\n",
        "<table>¶<tr><td><p>你好</p>¶<p>b</p>¶</td><td>spans¶rows¶here</td></tr>¶</table>",
    );
    check(
        "==  ==\nAB in\n------\n1   2\n\n    3\n==  ==\n",
        "<table>¶<tr><td>AB in</td></tr>¶<tr><td>1</td><td><p>2</p>¶<p>3</p>¶</td></tr>¶</table>",
    );
    check(
        "+---+---+\n| é | b |\n+===+===+\n| c     |\n+---+---+\n",
        "<table>¶<tr><th>é</th><th>b</th></tr>¶<tr><td>c</td></tr>¶</table>",
    );
}

#[test]
fn directives() {
    check(
        ".. code-block:: rust\n   :linenos:\n\n   fn a() {}\n\nb",
        "<pre><code>fn a() {}¶</code></pre>¶<p>b</p>",
    );
    check(
        ".. note:: One\n   two.",
        "<blockquote>¶<p><strong>Note</strong></p>¶<p>One¶two.</p>¶</blockquote>",
    );
    check(
        ".. image:: {filename}i.png\n   :alt: I \"j\"\n   :target: t_\n\n.. _t: https://t.example/",
        "<p><a href=\"https://t.example/\"><img src=\"/i.png\" alt=\"I &quot;j&quot;\"></a></p>",
    );
    check(
        ".. figure:: i.png\n\n   Caption.",
        "<figure><img src=\"i.png\" alt=\"\"><figcaption>Caption.</figcaption></figure>",
    );
    check(
        ".. raw:: html\n\n   <b>x</b>\n\n.. raw:: latex\n\n   y\n\n.. contents::\n   :depth: 2\n\n.. include:: z",
        "<b>x</b>",
    );
    check(
        ".. youtube:: a_1-B\n.. youtube:: <a>\n",
        "<p><a href=\"https://www.youtube.com/watch?v=a_1-B\">https://www.youtube.com/watch?v=a_1-B</a></p>",
    );
    // A blank line says that no options come.
    check(".. code-block:: rst\n\n   :date: 1\n\n   x", "<pre><code>:date: 1¶¶x¶</code></pre>");
    check(
        ".. csv-table:: T\n   :header: a, b\n\n   1, 2",
        "<p>T</p>¶<pre><code>a, b¶1, 2¶</code></pre>",
    );
    check(".. own:thing:: x\n\n   What *it* says.", "<p>What <em>it</em> says.</p>");
}

#[test]
fn what_stands_before_a_body() {
    let field = |key: &str, value: &str| (key.to_string(), value.to_string());
    let text = "Title *here*\n############\n\n:date: 2024-01-02\n:tags: a,\n   b\n\nText.\n";
    let expected =
        [field("title", "Title here"), field("date", "2024-01-02"), field("tags", "a, b")];
    assert_eq!(fields(text), (expected.to_vec(), "\nText.\n"));
    let text = ".. title: T: t\n.. slug: s\n\n.. role:: x\n\nText.\n";
    let expected = [field("title", "T: t"), field("slug", "s")];
    assert_eq!(fields(text), (expected.to_vec(), "\n.. role:: x\n\nText.\n"));
    // Several sections of one style: none of them is the document's title.
    let text = "One\n===\n\na\n\nTwo\n===\n\nb\n";
    assert_eq!(fields(text), (vec![], text));
    assert_eq!(first_heading(text).as_deref(), Some("One"));
    let text = "---\ntitle: Y\n---\n\nText.\n";
    assert_eq!(fields(text), (vec![field("title", "Y")], "\nText.\n"));
    // A file that is being written is no article yet.
    let half = open("---\ntitle: Y\n\nText.\n", Flavour::plain().forms);
    assert_eq!(half, Err(Fault::Unclosed));
    let text = "-----\nTitle\n-----\n\nText.\n";
    assert_eq!(fields(text), (vec![field("title", "Title")], "\nText.\n"));
    assert_eq!(fields("Note: this.\n"), (vec![], "Note: this.\n"));
}

#[test]
fn names_and_characters() {
    check(
        "`Docs <https://d.example>`_ and Docs_",
        "<p><a href=\"https://d.example\">Docs</a> and <a href=\"https://d.example\">Docs</a></p>",
    );
    check(
        "`right`__\n\n.. code:: rst\n\n   __ https://wrong.example\n\n__ https://right.example",
        "<p><a href=\"https://right.example\">right</a></p>¶<pre><code>__ https://wrong.example¶</code></pre>",
    );
    check(
        "|c| 2024|br|\\ x |l|_\n\n.. |c| unicode:: U+00A9 .. sign\n.. |br| raw:: html\n\n   <br/>\n\n\
         .. |l| replace:: |c|\\ l\n.. _l: https://l.example",
        "<p>© 2024|br|x <a href=\"https://l.example\">©l</a></p>",
    );
    check(
        "A [1]_ [#]_\n\n.. [1] a\n.. [#] b",
        "<p>A <sup>[1]</sup> <sup>[2]</sup></p>¶<dl>¶<dt>[1]</dt>¶<dd>a</dd>¶</dl>¶<dl>¶<dt>[2]</dt>¶<dd>b</dd>¶</dl>",
    );
    check(
        "-a, --all=X  All\n             of it.\n-b\n  Other.\n\n-1 degrees",
        "<dl>¶<dt><code>-a, --all=X</code></dt>¶<dd>All¶of it.</dd>¶<dt><code>-b</code></dt>¶<dd>Other.</dd>¶</dl>¶<p>-1 degrees</p>",
    );
    check("• a\n  b", "<ul>¶<li>a¶b</li>¶</ul>");
}

/// What is defined once and stands again and again grows only so far.
#[test]
fn what_is_referred_to_is_bounded() {
    let long = format!(".. _a: http://{}\n\n{}", "x".repeat(32_000), "a_ ".repeat(10_000));
    let image = format!(".. |a| image:: http://{}\n\n{}", "x".repeat(32_000), "|a| ".repeat(8_000));
    let itself = format!(".. |a| replace:: |a| |a| |a|\n\n{}", "|a| ".repeat(10_000));
    for text in [long, image, itself] {
        assert!(html(&text).len() < 2_000_000, "{}", html(&text).len());
    }
}

#[test]
fn what_moves_no_text_out_of_a_body() {
    let field = |key: &str, value: &str| (key.to_string(), value.to_string());
    let text = "T\n=\n\nSub\n---\n\n:date: 2020-01-01\n:tags:\n  - a\n  - b\n\nText.\n";
    let expected = [field("title", "T"), field("date", "2020-01-01"), field("tags", "a, b")];
    assert_eq!(fields(text), (expected.to_vec(), "\nText.\n"));
    let text = "T\n=\n\n.. image:: a.png\n\n:eggs: two\n\nText.\n";
    assert_eq!(fields(text), (vec![field("title", "T")], text.split_at(4).1));
    let text = "---\nFoo\n---\n\nText.\n";
    assert_eq!(fields(text), (vec![field("title", "Foo")], "\nText.\n"));
}
