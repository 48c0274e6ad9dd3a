//! Which article a file is. Decided over all changes of one look together: a rename is a file
//! that went and one that came. The id that an article was given once is its id for good.

use std::collections::{HashMap, HashSet};

use super::Known;
use super::link::encode_path;
use crate::article::{Hash, Head, Signature, charset};

/// A file as it is now.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    pub path: &'a str,
    pub signature: Signature,
    pub hash: Hash,
    /// `None` where the file cannot be read as an article for now.
    pub head: Option<&'a Head>,
}

/// An article that one of the arrivals may be.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    pub known: &'a Known,
    /// Its path is empty, or holds another content since this look.
    pub vacant: bool,
}

/// Entries published before, by a run whose ledger is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    pub id: String,
    pub link: String,
    pub published: Option<jiff::Timestamp>,
    pub updated: Option<jiff::Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The candidate at this place in the list.
    Is(usize),
    /// None of them.
    New,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub verdict: Verdict,
    /// What an author should know of the decision.
    pub doubt: Option<String>,
}

/// Decides for each arrival which candidate it is, if any: (1) same path and file, (2) same
/// content, where the candidate's path is vacant, (3) same file elsewhere, (4) same path,
/// (5) an alias that was the candidate's address.
pub fn matches(arrivals: &[Arrival], candidates: &[Candidate]) -> Vec<Match> {
    let mut table = Table::new(arrivals, candidates);
    table.pass(|table, arrival, _| {
        table.at_path(arrival).filter(|at| same_inode(table, arrival, *at))
    });
    table.pass(Table::by_content);
    table.pass(|table, arrival, _| {
        table.free().find(|at| {
            let known = candidates[*at].known;
            candidates[*at].vacant
                && known.path != arrival.path
                && known.signature.same_file(&arrival.signature)
        })
    });
    table.pass(|table, arrival, _| table.at_path(arrival));
    table.pass(|table, arrival, _| {
        let aliases = &arrival.head?.aliases;
        table.free().find(|at| {
            let known = candidates[*at].known;
            candidates[*at].vacant && aliases.iter().any(|alias| is_address(alias, &known.link))
        })
    });
    table.matches
}

fn same_inode(table: &Table, arrival: &Arrival, at: usize) -> bool {
    let known = table.candidates[at].known;
    (known.signature.device, known.signature.inode)
        == (arrival.signature.device, arrival.signature.inode)
}

struct Table<'a> {
    arrivals: &'a [Arrival<'a>],
    candidates: &'a [Candidate<'a>],
    by_path: HashMap<&'a str, usize>,
    by_hash: HashMap<Hash, Vec<usize>>,
    taken: HashSet<usize>,
    matches: Vec<Match>,
}

impl<'a> Table<'a> {
    fn new(arrivals: &'a [Arrival<'a>], candidates: &'a [Candidate<'a>]) -> Table<'a> {
        let mut by_path = HashMap::new();
        let mut by_hash: HashMap<Hash, Vec<usize>> = HashMap::new();
        for (at, candidate) in candidates.iter().enumerate() {
            let known = candidate.known;
            // Of several that lived at one path, the one that is there now, else the last.
            let holder = by_path.entry(known.path.as_str()).or_insert(at);
            if candidates[*holder].known.gone && !known.gone {
                *holder = at;
            }
            by_hash.entry(known.hash).or_default().push(at);
        }
        let open = Match { verdict: Verdict::New, doubt: None };
        Table {
            arrivals,
            candidates,
            by_path,
            by_hash,
            taken: HashSet::new(),
            matches: vec![open; arrivals.len()],
        }
    }

    fn free(&self) -> impl Iterator<Item = usize> {
        (0..self.candidates.len()).filter(|at| !self.taken.contains(at))
    }

    fn at_path(&self, arrival: &Arrival) -> Option<usize> {
        self.by_path.get(arrival.path).copied().filter(|at| !self.taken.contains(at))
    }

    /// Lets `find` choose for every arrival that is still open.
    fn pass(
        &mut self,
        find: impl Fn(&Table<'a>, &Arrival<'a>, &mut Option<String>) -> Option<usize>,
    ) {
        for at in 0..self.arrivals.len() {
            if self.matches[at].verdict != Verdict::New {
                continue;
            }
            let mut doubt = None;
            if let Some(candidate) = find(self, &self.arrivals[at], &mut doubt) {
                self.taken.insert(candidate);
                self.matches[at] = Match { verdict: Verdict::Is(candidate), doubt };
            }
        }
    }

    fn by_content(&self, arrival: &Arrival<'a>, doubt: &mut Option<String>) -> Option<usize> {
        let mut same: Vec<usize> = self.by_hash.get(&arrival.hash)?.clone();
        same.retain(|at| !self.taken.contains(at) && self.candidates[*at].vacant);
        let file = |at: usize| self.candidates[at].known.signature.same_file(&arrival.signature);
        // Best first: the same file, then the same path, then one that was there until now.
        same.sort_by_key(|at| {
            let known = self.candidates[*at].known;
            (!file(*at), known.path != arrival.path, known.gone, known.path.as_str())
        });
        let best = *same.first()?;
        if file(best) || self.candidates[best].known.path == arrival.path {
            return Some(best);
        }
        if let Some(here) = self.at_path(arrival) {
            let there = &self.candidates[best].known.path;
            *doubt = Some(format!(
                "holds what `{there}` held, but was not moved from there; it stays the article of its path"
            ));
            return Some(here);
        }
        Some(best)
    }
}

/// Whether an alias, absolute or a path, names this address.
fn is_address(alias: &str, link: &str) -> bool {
    let bare = |text: &str| text.trim_end_matches('/').to_string();
    let path = link.splitn(4, '/').nth(3).unwrap_or("");
    bare(alias) == bare(link) || bare(alias.trim_start_matches('/')) == bare(path)
}

/// Makes the id of an article that never had one (RFC 4151): the path it was first seen at.
pub fn mint(prefix: &str, path: &str, mut is_taken: impl FnMut(&str) -> bool) -> String {
    let id = format!("{prefix}{}", encode_path(&charset::compose(path.into())));
    if !is_taken(&id) {
        return id;
    }
    (2..).map(|n| format!("{id};{n}")).find(|id| !is_taken(id)).unwrap_or(id)
}

/// The author's own id: as it is, if it is an absolute URI, else under the site's prefix.
pub fn own(prefix: &str, id: &str) -> String {
    let scheme = id.split(':').next().unwrap_or("");
    let absolute = scheme.len() < id.len()
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !id.contains(char::is_whitespace);
    if absolute { id.to_string() } else { format!("{prefix}id:{}", encode_path(id)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(id: &str, path: &str, inode: u64, hash: u8) -> Known {
        Known {
            id: id.into(),
            path: path.into(),
            signature: Signature { inode, born: inode as i64, ..Signature::default() },
            hash: [hash; 32],
            good: [hash; 32],
            fingerprint: String::new(),
            head: Head::default(),
            link: format!("https://a.example/{path}/"),
            first_seen: jiff::Timestamp::UNIX_EPOCH,
            published: jiff::Timestamp::UNIX_EPOCH,
            published_said: None,
            updated: jiff::Timestamp::UNIX_EPOCH,
            gone: false,
        }
    }

    /// `before`: (path, inode, content, vacant); `now`: (path, inode, content) → the old path.
    fn check(before: &[(&str, u64, u8, bool)], now: &[(&str, u64, u8, Option<&str>)]) {
        let knowns: Vec<Known> =
            before.iter().map(|(path, inode, hash, _)| known(path, path, *inode, *hash)).collect();
        let candidates: Vec<Candidate> = knowns
            .iter()
            .zip(before)
            .map(|(known, (.., vacant))| Candidate { known, vacant: *vacant })
            .collect();
        let arrivals: Vec<Arrival> = now
            .iter()
            .map(|(path, inode, hash, _)| Arrival {
                path,
                signature: Signature { inode: *inode, born: *inode as i64, ..Signature::default() },
                hash: [*hash; 32],
                head: None,
            })
            .collect();
        for (found, (path, .., expected)) in matches(&arrivals, &candidates).iter().zip(now) {
            let found = match found.verdict {
                Verdict::Is(at) => Some(knowns[at].path.as_str()),
                Verdict::New => None,
            };
            assert_eq!(found, *expected, "{path}");
        }
    }

    #[test]
    fn edits_and_renames() {
        check(&[("a", 1, 1, true)], &[("a", 1, 2, Some("a"))]);
        check(&[("a", 1, 1, true)], &[("a", 9, 2, Some("a"))]);
        check(&[("a", 1, 1, true)], &[("b", 1, 1, Some("a"))]);
        check(&[("a", 1, 1, true)], &[("b", 9, 1, Some("a"))]);
        check(&[("a", 1, 1, true)], &[("b", 1, 2, Some("a"))]);
        check(&[("a", 1, 1, true)], &[("b", 9, 2, None)]);
        check(&[("a", 1, 1, false)], &[("b", 9, 1, None)]);
        // a becomes b, and another a comes
        check(&[("a", 1, 1, true)], &[("a", 2, 2, None), ("b", 1, 1, Some("a"))]);
        // swapped by renaming
        check(
            &[("a", 1, 1, true), ("b", 2, 2, true)],
            &[("a", 2, 2, Some("b")), ("b", 1, 1, Some("a"))],
        );
        // swapped by rewriting: the path wins
        check(
            &[("a", 1, 1, true), ("b", 2, 2, true)],
            &[("a", 8, 2, Some("a")), ("b", 9, 1, Some("b"))],
        );
        // two with one content, told apart by their inodes
        check(
            &[("a", 1, 1, true), ("b", 2, 1, true)],
            &[("x/b", 2, 1, Some("b")), ("x/a", 1, 1, Some("a"))],
        );
    }

    #[test]
    fn ids() {
        let prefix = "tag:a.example,2026:";
        let none = |_: &str| false;
        assert_eq!(
            mint(prefix, "Đời/a b.md", none),
            "tag:a.example,2026:%C4%90%E1%BB%9Di/a%20b.md"
        );
        let taken = |id: &str| id.ends_with("a.md") || id.ends_with(";2");
        assert_eq!(mint(prefix, "a.md", taken), "tag:a.example,2026:a.md;3");
        assert_eq!(own(prefix, "urn:uuid:1"), "urn:uuid:1");
        assert_eq!(own(prefix, "my id"), "tag:a.example,2026:id:my%20id");
    }
}
