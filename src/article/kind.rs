//! What is read, told by a file's extension.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Markdown,
    /// reStructuredText
    Rst,
    Org,
    AsciiDoc,
    Html,
    Text,
}

const EXTENSIONS: &[(Kind, &[&str])] = &[
    (Kind::Markdown, &["md", "markdown", "mkdown", "mkdn", "mkd", "mdown", "mdx"]),
    (Kind::Rst, &["rst"]),
    (Kind::Org, &["org"]),
    (Kind::AsciiDoc, &["adoc", "asciidoc"]),
    (Kind::Html, &["html", "htm", "xhtml"]),
    (Kind::Text, &["txt", "text"]),
];

impl Kind {
    /// Lightweight markup, whose files are articles and nothing else.
    pub fn is_markup(self) -> bool {
        !matches!(self, Kind::Html | Kind::Text)
    }

    /// The kind that a file's extension promises; `None` for files that are no articles.
    pub fn of(path: &str) -> Option<Kind> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (_, extension) = name.rsplit_once('.')?;
        let is_of = |own: &[&str]| own.iter().any(|own| own.eq_ignore_ascii_case(extension));
        EXTENSIONS.iter().find(|(_, own)| is_of(own)).map(|(kind, _)| *kind)
    }
}

/// The extension of a file that is somebody's article, of a kind that is not read here.
pub fn unread_kind(name: &str) -> Option<&'static str> {
    const KINDS: [&str; 4] = ["textile", "ipynb", "dj", "mdoc"];
    let (_, extension) = name.rsplit_once('.')?;
    KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(extension))
}
