//! Lines before a block that say something of it: attributes, an anchor, a title.

use super::attributes::AttributeList;

/// What stands before a block and says something of it.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    pub list: AttributeList,
    pub title: Option<String>,
}

/// A line of attributes, an anchor, or a title, which belong to what follows.
pub fn is_meta(line: &str) -> bool {
    attributes_of(line).is_some() || title_of(line).is_some()
}

pub fn attributes_of(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    let anchor = inner.strip_prefix('[').is_some_and(|rest| rest.ends_with(']'));
    let begins = |c: char| c.is_alphanumeric() || "_.#%,\"'{".contains(c);
    (inner.is_empty() || anchor || inner.starts_with(begins)).then_some(inner)
}

pub fn title_of(line: &str) -> Option<&str> {
    let title = line.strip_prefix('.')?;
    let begins = title.starts_with(|c: char| !c.is_whitespace() && c != '.');
    begins.then_some(title)
}

impl Meta {
    /// Takes what a line says of the block that follows; `false` where it says nothing.
    pub fn take(&mut self, line: &str) -> bool {
        if let Some(inner) = attributes_of(line) {
            if let Some(anchor) = inner.strip_prefix('[') {
                let id = anchor.split([',', ']']).next().unwrap_or("");
                self.list.named.push(("id".into(), id.to_string()));
                return true;
            }
            let list = AttributeList::of(inner);
            let id = list.id().map(|id| ("id".to_string(), id.to_string()));
            self.list.named.extend(id);
            self.list.named.extend(list.named);
            if !list.positional.is_empty() {
                self.list.positional = list.positional;
            }
            return true;
        }
        let Some(title) = title_of(line) else { return false };
        self.title = Some(title.to_string());
        true
    }
}
