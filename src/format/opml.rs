//! OPML 2.0: the list of all feeds, for readers to import at once.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::xml::legal;
use crate::feed::Site;

/// One feed of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Without extension.
    pub path: String,
    pub title: String,
    pub language: Option<String>,
}

/// Holds neither dates nor counts: it changes when the list does.
pub fn render(outlines: &[Outline], site: &Site) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, outlines, site).expect("writing to memory does not fail");
    bytes.push(b'\n');
    bytes
}

fn write(bytes: &mut Vec<u8>, outlines: &[Outline], site: &Site) -> std::io::Result<()> {
    let mut writer = Writer::new_with_indent(bytes, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer
        .write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    writer.write_event(Event::Start(BytesStart::new("head")))?;
    writer.create_element("title").write_text_content(BytesText::new(&legal(&site.title)))?;
    writer.write_event(Event::End(BytesEnd::new("head")))?;
    writer.write_event(Event::Start(BytesStart::new("body")))?;
    for outline in outlines {
        let title = legal(&outline.title);
        let url = format!("{}{}.atom", site.feeds_url, outline.path);
        let mut element = BytesStart::new("outline").with_attributes([
            ("type", "rss"),
            ("text", &*title),
            ("title", &*title),
            ("xmlUrl", url.as_str()),
            ("htmlUrl", site.url.as_str()),
        ]);
        if let Some(language) = &outline.language {
            element.push_attribute(("language", language.as_str()));
        }
        writer.write_event(Event::Empty(element))?;
    }
    writer.write_event(Event::End(BytesEnd::new("body")))?;
    writer.write_event(Event::End(BytesEnd::new("opml")))?;
    Ok(())
}
