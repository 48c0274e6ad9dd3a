//! Which article a file is. Decided over all changes of one look together: a rename is a file
//! that went and one that came. The id that an article was given once is its id for good.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::Known;
use super::link::{self, encode_path};
use crate::article::{Hash, Head, Signature, charset};

/// A file as it is now.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    pub path: &'a str,
    pub signature: Signature,
    pub hash: Hash,
    /// `None` where the file cannot be read as an article for now.
    pub head: Option<&'a Head>,
    /// Of the way in which it was read.
    pub fingerprint: &'a str,
    /// The file had problems.
    pub troubled: bool,
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

/// Decides for each arrival which candidate it is, if any: (1) same path and file, (2) same file
/// and content elsewhere, (3) same content, where the candidate's path is vacant and nothing else
/// lies at the arrival's, (4) same file, which may have lent its place to another for a while,
/// (5) the same title and the same date of the author's own, where only one vacant candidate has
/// both: renamed and edited in one step, (6) same path, (7) an alias that was the candidate's
/// address.
pub fn matches(arrivals: &[Arrival], candidates: &[Candidate]) -> Vec<Match> {
    let mut table = Table::new(arrivals, candidates);
    table.pass(|table, arrival, _| {
        table.at_path(arrival).filter(|at| {
            // Where there is no birth time, an inode at the same path is taken at its word.
            file_of(&candidates[*at].known.signature) == file_of(&arrival.signature)
        })
    });
    // Before anything is told by content alone, which a copy has too.
    table.pass(|table, arrival, _| {
        table.same_file(arrival).filter(|at| candidates[*at].known.hash == arrival.hash)
    });
    table.pass(|table, arrival, _| table.by_content(arrival));
    table.pass(|table, arrival, _| table.same_file(arrival));
    table.pass(|table, arrival, _| table.by_title(arrival));
    table.pass(Table::at_its_path);
    table.pass(|table, arrival, _| table.by_alias(arrival));
    table.matches
}

type File = (u64, u64, i64);

fn file_of(signature: &Signature) -> File {
    (signature.device, signature.inode, signature.born)
}

/// Of several that lived at one path or in one file, the one that is there now is the youngest, else
/// the last: what came to a path by a rename or anew was changed later than what lay there before it.
fn age(known: &Known) -> (bool, i64) {
    (!known.gone, known.signature.changed)
}

/// Every way to a candidate is an index: a checkout of a hundred thousand files is one look.
struct Table<'a> {
    arrivals: &'a [Arrival<'a>],
    candidates: &'a [Candidate<'a>],
    /// Best last: who is there now, then who was there latest.
    by_path: HashMap<&'a str, Vec<usize>>,
    /// What held these bytes there.
    by_place: HashMap<(&'a str, Hash), usize>,
    by_file: HashMap<File, usize>,
    by_link: HashMap<&'a str, usize>,
    /// `None` where several have both.
    by_title: HashMap<(&'a str, Timestamp), Option<usize>>,
    /// Best first, the next to be tried last.
    by_hash: HashMap<Hash, Vec<usize>>,
    taken: HashSet<usize>,
    matches: Vec<Match>,
}

impl<'a> Table<'a> {
    fn new(arrivals: &'a [Arrival<'a>], candidates: &'a [Candidate<'a>]) -> Table<'a> {
        let mut table = Table {
            arrivals,
            candidates,
            by_path: HashMap::new(),
            by_place: HashMap::new(),
            by_file: HashMap::new(),
            by_link: HashMap::new(),
            by_title: HashMap::new(),
            by_hash: HashMap::new(),
            taken: HashSet::new(),
            matches: vec![Match { verdict: Verdict::New, doubt: None }; arrivals.len()],
        };
        for (at, candidate) in candidates.iter().enumerate() {
            let known = candidate.known;
            let hold = |holder: &mut usize| {
                if age(known) > age(candidates[*holder].known) {
                    *holder = at;
                }
            };
            table.by_path.entry(&known.path).or_default().push(at);
            if !candidate.vacant {
                continue;
            }
            hold(table.by_place.entry((&known.path, known.hash)).or_insert(at));
            if known.signature.inode != 0 {
                hold(table.by_file.entry(file_of(&known.signature)).or_insert(at));
            }
            // An alias may be the whole address or its path.
            let link = known.link.trim_end_matches('/');
            table.by_link.insert(link, at);
            table.by_link.insert(link.splitn(4, '/').nth(3).unwrap_or(link), at);
            table.by_hash.entry(known.hash).or_default().push(at);
            if let Some(said) = known.published_said {
                let key = (known.head.title.as_str(), said);
                table.by_title.entry(key).and_modify(|at| *at = None).or_insert(Some(at));
            }
        }
        for there in table.by_path.values_mut().filter(|there| there.len() > 1) {
            there.sort_by_key(|at| age(candidates[*at].known));
        }
        for same in table.by_hash.values_mut() {
            // First those that were there until now.
            same.sort_by_key(|at| {
                let known = candidates[*at].known;
                std::cmp::Reverse((known.gone, known.path.as_str()))
            });
        }
        table
    }

    fn free(&self, at: usize) -> Option<usize> {
        (!self.taken.contains(&at)).then_some(at)
    }

    /// Who lives at the arrival's path, or did before the one that was found elsewhere.
    fn at_path(&self, arrival: &Arrival) -> Option<usize> {
        self.by_path.get(arrival.path)?.iter().rev().find_map(|at| self.free(*at))
    }

    /// A vacant candidate that was this very file.
    fn same_file(&self, arrival: &Arrival) -> Option<usize> {
        let at = self.by_file.get(&file_of(&arrival.signature)).and_then(|at| self.free(*at))?;
        self.candidates[at].known.signature.same_file(&arrival.signature).then_some(at)
    }

    /// Lets `find` choose for every arrival that is still open.
    fn pass(
        &mut self,
        find: impl Fn(&mut Table<'a>, &Arrival<'a>, &mut Option<String>) -> Option<usize>,
    ) {
        let arrivals = self.arrivals;
        for (at, arrival) in arrivals.iter().enumerate() {
            if self.matches[at].verdict != Verdict::New {
                continue;
            }
            let mut doubt = None;
            if let Some(candidate) = find(self, arrival, &mut doubt) {
                self.taken.insert(candidate);
                self.matches[at] = Match { verdict: Verdict::Is(candidate), doubt };
            }
        }
    }

    /// Best is the same path, then one that was there until now. Where another article lies at the
    /// arrival's path, content alone tells of a copy, and is not enough.
    fn by_content(&mut self, arrival: &Arrival<'a>) -> Option<usize> {
        let here = self.by_place.get(&(arrival.path, arrival.hash)).and_then(|at| self.free(*at));
        here.or_else(|| match self.at_path(arrival) {
            Some(at) if !self.candidates[at].known.gone => None,
            _ => self.same_content(arrival),
        })
    }

    /// The best of the vacant candidates that held these bytes.
    fn same_content(&mut self, arrival: &Arrival<'a>) -> Option<usize> {
        let same = self.by_hash.get_mut(&arrival.hash)?;
        while same.last().is_some_and(|at| self.taken.contains(at)) {
            same.pop();
        }
        same.last().copied()
    }

    /// The article of its path, or, where that one was found elsewhere, one that held the same.
    fn at_its_path(&mut self, arrival: &Arrival<'a>, doubt: &mut Option<String>) -> Option<usize> {
        let same = self.same_content(arrival);
        let Some(here) = self.at_path(arrival) else { return same };
        if let Some(same) = same {
            let there = &self.candidates[same].known.path;
            *doubt = Some(format!(
                "holds what `{there}` held, but was not moved from there; it stays the article of its path"
            ));
        }
        Some(here)
    }

    fn by_title(&self, arrival: &Arrival) -> Option<usize> {
        let head = arrival.head?;
        let at = (*self.by_title.get(&(head.title.as_str(), head.published?))?)?;
        self.free(at)
    }

    fn by_alias(&self, arrival: &Arrival) -> Option<usize> {
        arrival.head?.aliases.iter().find_map(|alias| {
            let alias = link::encode_raw(alias.trim_end_matches('/'));
            let alias = alias.as_str();
            let at = self.by_link.get(alias).or(self.by_link.get(alias.trim_start_matches('/')))?;
            self.free(*at)
        })
    }
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

    /// The last digit is the file's inode, what is before it its birth time.
    fn file(number: u64) -> Signature {
        let (inode, born) = (number % 10, (number / 10) as i64 + 1);
        Signature { inode, born, ..Signature::default() }
    }

    fn known(id: &str, path: &str, inode: u64, hash: u8) -> Known {
        Known {
            id: id.into(),
            path: path.into(),
            signature: file(inode),
            hash: [hash; 32],
            good: [hash; 32],
            fingerprint: String::new(),
            head: Head::default(),
            link: format!("https://a.example/{path}/"),
            first_seen: jiff::Timestamp::UNIX_EPOCH,
            published: jiff::Timestamp::UNIX_EPOCH,
            published_said: None,
            updated: jiff::Timestamp::UNIX_EPOCH,
            announced: true,
            troubled: false,
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
                signature: file(*inode),
                hash: [*hash; 32],
                head: None,
                fingerprint: "",
                troubled: false,
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
        // another file, given the inode of one that went
        check(&[("a", 1, 1, true)], &[("b", 21, 2, None)]);
        check(&[("a", 1, 1, false)], &[("b", 9, 1, None)]);
        // another file in its place, given its inode; its own bytes came elsewhere
        check(&[("a", 1, 1, true)], &[("a", 21, 2, None), ("b", 9, 1, Some("a"))]);
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
        // a copy is made, then the first one is renamed: the copy comes first in the order of paths
        check(&[("b", 1, 1, true)], &[("a", 9, 1, None), ("c", 1, 1, Some("b"))]);
        // two with one content, told apart by their inodes
        check(
            &[("a", 1, 1, true), ("b", 2, 1, true)],
            &[("x/b", 2, 1, Some("b")), ("x/a", 1, 1, Some("a"))],
        );
    }

    /// Its place was another's for a while, and it was edited since: the file tells.
    #[test]
    fn one_that_comes_back_to_its_place() {
        let displaced = Known { gone: true, ..known("first", "a", 1, 1) };
        let usurper = known("second", "a", 2, 2);
        let candidate = |known| Candidate { known, vacant: true };
        let arrival = |path, inode, hash| Arrival {
            path,
            signature: file(inode),
            hash: [hash; 32],
            head: None,
            fingerprint: "",
            troubled: false,
        };
        // Also where an editor put a new file in its place: the other one is found elsewhere.
        for inode in [1, 9] {
            let arrivals = [arrival("a", inode, 3), arrival("c", 2, 2)];
            let found = matches(&arrivals, &[candidate(&displaced), candidate(&usurper)]);
            let verdicts: Vec<Verdict> = found.into_iter().map(|found| found.verdict).collect();
            assert_eq!(verdicts, [Verdict::Is(0), Verdict::Is(1)]);
        }
    }

    /// Two lived there and are gone: what it holds tells which, else which was there last.
    #[test]
    fn one_that_comes_back_to_where_two_lived() {
        let gone = |id, hash, changed| {
            let known = known(id, "a", 1, hash);
            Known { gone: true, signature: Signature { changed, ..known.signature }, ..known }
        };
        let (first, last) = (gone("first", 1, 10), gone("last", 2, 20));
        let candidates = [&first, &last].map(|known| Candidate { known, vacant: true });
        for (hash, expected) in [(1, 0), (2, 1), (3, 1)] {
            let arrival = Arrival {
                path: "a",
                signature: file(9),
                hash: [hash; 32],
                head: None,
                fingerprint: "",
                troubled: false,
            };
            let found = matches(&[arrival], &candidates);
            assert_eq!(found[0].verdict, Verdict::Is(expected), "{hash}");
        }
    }

    /// What it holds tells more than that another one, which is gone, lay there; one that lies
    /// there still may have been given the same words.
    #[test]
    fn one_that_comes_back_to_where_another_lived() {
        for gone in [true, false] {
            let (first, other) = (known("first", "a", 1, 1), known("other", "b", 2, 2));
            let (first, other) = (Known { gone: true, ..first }, Known { gone, ..other });
            let candidates = [&first, &other].map(|known| Candidate { known, vacant: true });
            let arrival = Arrival {
                path: "b",
                signature: file(9),
                hash: [1; 32],
                head: None,
                fingerprint: "",
                troubled: false,
            };
            let found = matches(&[arrival], &candidates);
            assert_eq!(found[0].verdict, Verdict::Is(usize::from(!gone)), "{gone}");
        }
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
