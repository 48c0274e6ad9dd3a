//! The first half of *remember*: which article each file is, and what is decided about it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::reading::Fresh;
use crate::article::{Hash, Head, Outcome, Problem};
use crate::feed::id::{self, Adopted, Arrival, Candidate, Verdict};
use crate::feed::settle::{self, Ground};
use crate::feed::{Known, catalog::Catalog, link};
use crate::ledger::{Ledger, LedgerError};

/// What the decisions are made from.
pub struct Scene<'a> {
    pub ledger: &'a Ledger,
    pub catalog: &'a Catalog,
    /// Paths whose files are not there.
    pub vacated: &'a BTreeSet<String>,
    /// Articles without a path of their own.
    pub displaced: &'a BTreeMap<String, Timestamp>,
    /// Whether an article that this look did not reach still lies where it lay: a file may be seen
    /// at its new place before its old one, or what another put there, is looked at.
    pub still_lies: &'a dyn Fn(&Known) -> bool,
    /// Entries of an earlier run whose ledger is lost.
    pub adopted: &'a [Adopted],
    /// Ids that articles take over as soon as they are found.
    pub to_come: &'a [Adopted],
    pub prefix: &'a str,
    pub ground: Ground<'a>,
    pub now: Timestamp,
}

#[derive(Default)]
pub struct Identified {
    pub articles: Vec<Known>,
    /// Those of them that had no row before.
    pub new: HashSet<String>,
    pub problems: Vec<Problem>,
}

/// Decides for all files of one look together.
pub fn identify(files: &[Fresh], scene: &Scene) -> Result<Identified, LedgerError> {
    let heads: Vec<Option<Cow<Head>>> =
        files.iter().map(|file| head_of(file, scene.catalog)).collect();
    let arrivals: Vec<Arrival> = files
        .iter()
        .zip(&heads)
        .map(|(file, head)| Arrival {
            path: &file.path,
            signature: file.signature,
            hash: file.hash,
            head: head.as_deref(),
            fingerprint: &file.fingerprint,
            troubled: file.troubled,
        })
        .collect();
    let knowns = candidates(&arrivals, scene)?;
    let now_at: HashMap<&str, &Arrival> =
        arrivals.iter().map(|arrival| (arrival.path, arrival)).collect();
    let listed: Vec<Candidate> = knowns
        .iter()
        .map(|known| Candidate {
            vacant: known.gone
                || scene.vacated.contains(&known.path)
                || match now_at.get(known.path.as_str()) {
                    Some(now) => now.hash != known.hash,
                    None => !(scene.still_lies)(known),
                },
            known,
        })
        .collect();
    let matches = id::matches(&arrivals, &listed);
    let mut result = Identified::default();
    // Ids that are spoken for: an article that was recognised has its own.
    let mut given: HashSet<String> = matches
        .iter()
        .filter_map(|found| match found.verdict {
            Verdict::Is(at) => Some(knowns[at].id.clone()),
            Verdict::New => None,
        })
        .collect();
    // By address, and by id: no address is an id that was minted here.
    let adopted: HashMap<&str, &Adopted> = scene
        .adopted
        .iter()
        .chain(scene.to_come)
        .flat_map(|entry| [(entry.link.as_str(), entry), (entry.id.as_str(), entry)])
        .collect();
    for (arrival, found) in arrivals.iter().zip(matches) {
        if let Some(doubt) = found.doubt {
            result.problems.push(Problem::warning(arrival.path, None, doubt));
        }
        let before = match found.verdict {
            Verdict::Is(at) => Some(&knowns[at]),
            Verdict::New => None,
        };
        let Some(head) = arrival.head else {
            // Unreadable for now: it keeps its last good entry, if it ever had one.
            result.articles.extend(before.map(|known| Known {
                path: arrival.path.to_string(),
                signature: arrival.signature.to_remember(scene.now),
                hash: arrival.hash,
                troubled: true,
                gone: false,
                ..known.clone()
            }));
            continue;
        };
        let known = match before {
            Some(before) => {
                warn_of_other_id(before, head, scene.prefix, &mut result.problems);
                settle::settle(
                    Some(before),
                    &before.id,
                    arrival,
                    head.clone(),
                    scene.now,
                    &scene.ground,
                )
            }
            None => new(arrival, head, scene, &adopted, &given, &mut result)?,
        };
        given.insert(known.id.clone());
        result.articles.push(known);
    }
    date_unknown(scene, &mut result);
    Ok(result)
}

/// With a lost ledger, the feeds tell the dates of the entries that they show. Many articles that
/// have no date and are not among them are older ones, not new: they are dated before those.
fn date_unknown(scene: &Scene, result: &mut Identified) {
    let Some(oldest) = scene.adopted.iter().filter_map(|entry| entry.published).min() else {
        return;
    };
    let new = &result.new;
    let unknown = result.articles.iter_mut().filter(|known| new.contains(&known.id));
    let Some((path, count)) = date_strangers(oldest, unknown) else { return };
    let message = format!(
        "{count} articles name no date and the ledger is lost: they are dated before those that \
         the feeds show; give them dates, or keep the ledger",
    );
    result.problems.push(Problem::warning(&path, None, message));
}

/// Dates those that have no date of their own before the oldest entry that a feed shows, if they
/// are many. Returns the first one's path, and how many there were.
pub fn date_strangers<'a>(
    oldest: Timestamp,
    articles: impl Iterator<Item = &'a mut Known>,
) -> Option<(String, usize)> {
    const MANY: usize = 5;
    let is_stranger =
        |known: &&mut Known| known.head.published.is_none() && known.published > oldest;
    let mut strangers: Vec<&mut Known> = articles.filter(is_stranger).collect();
    if strangers.len() < MANY {
        return None;
    }
    let before = oldest - jiff::SignedDuration::from_secs(1);
    for known in &mut strangers {
        known.published = before;
        known.updated = known.head.updated.unwrap_or(before);
    }
    Some((strangers[0].path.clone(), strangers.len()))
}

/// A new article: adopted, under the author's own id, or under a minted one.
fn new(
    arrival: &Arrival,
    head: &Head,
    scene: &Scene,
    adopted: &HashMap<&str, &Adopted>,
    given: &HashSet<String>,
    result: &mut Identified,
) -> Result<Known, LedgerError> {
    let holds = |id: &str| -> Result<bool, LedgerError> {
        Ok(given.contains(id) || scene.catalog.has(id) || scene.ledger.of_id(id)?.is_some())
    };
    let mut known = settle::settle(None, "", arrival, head.clone(), scene.now, &scene.ground);
    let minted = id::mint(scene.prefix, arrival.path, |_| false);
    let entry = adopted.get(known.link.as_str()).or_else(|| adopted.get(minted.as_str()));
    if let Some(entry) = entry
        && !holds(&entry.id)?
    {
        known.id = entry.id.clone();
        if head.published.is_none() {
            known.published = entry.published.unwrap_or(known.published);
        }
        if head.updated.is_none() {
            known.updated = entry.updated.unwrap_or(known.updated);
        }
        return Ok(known);
    }
    if let Some(own) = head.id.as_deref().map(|own| id::own(scene.prefix, own)) {
        let holder = scene.ledger.of_id(&own)?.filter(|holder| {
            (holder.gone || scene.vacated.contains(&holder.path)) && !given.contains(&holder.id)
        });
        if let Some(gone) = holder {
            return Ok(settle::settle(
                Some(&gone),
                &own,
                arrival,
                head.clone(),
                scene.now,
                &scene.ground,
            ));
        }
        if !holds(&own)? {
            result.new.insert(own.clone());
            return Ok(Known { id: own, ..known });
        }
        let message =
            format!("the id `{own}` is another article's; this one gets an id of its own");
        result.problems.push(Problem::error(arrival.path, None, message));
    }
    let mut failed = None;
    known.id = id::mint(scene.prefix, arrival.path, |id| match holds(id) {
        Ok(held) => held,
        Err(error) => {
            failed = Some(error);
            false
        }
    });
    result.new.insert(known.id.clone());
    failed.map_or(Ok(known), Err)
}

fn warn_of_other_id(before: &Known, head: &Head, prefix: &str, problems: &mut Vec<Problem>) {
    if let Some(own) = head.id.as_deref().map(|own| id::own(prefix, own))
        && own != before.id
        && head.id != before.head.id
    {
        problems.push(Problem::warning(
            &before.path,
            None,
            format!("was published as `{}` and stays so; the id `{own}` came too late", before.id),
        ));
    }
}

/// The head that was read, or the known one where the bytes are the same.
fn head_of<'a>(file: &'a Fresh, catalog: &Catalog) -> Option<Cow<'a, Head>> {
    match &file.reading {
        None => catalog.at_path(&file.path).map(|known| Cow::Owned(known.head)),
        Some(reading) => match &reading.outcome {
            Outcome::Article(head) => Some(Cow::Borrowed(head)),
            _ => None,
        },
    }
}

/// Every article that one of the arrivals may be.
fn candidates(arrivals: &[Arrival], scene: &Scene) -> Result<Vec<Known>, LedgerError> {
    let mut found: BTreeMap<String, Known> = BTreeMap::new();
    let mut add = |known: Known| {
        found.entry(known.id.clone()).or_insert(known);
    };
    let (catalog, ledger) = (scene.catalog, scene.ledger);
    scene.vacated.iter().filter_map(|path| catalog.at_path(path)).for_each(&mut add);
    for known in scene.displaced.keys().filter_map(|id| catalog.get(id)) {
        add(Known { gone: true, ..known });
    }
    let nobody_left = !ledger.has_gone()?;
    if nobody_left && catalog.is_empty() {
        return Ok(found.into_values().collect());
    }
    let mut asked: HashSet<Hash> = HashSet::new();
    for arrival in arrivals {
        let here = catalog.at_path(arrival.path);
        let (is_new, same) =
            (here.is_none(), here.as_ref().is_some_and(|here| here.hash == arrival.hash));
        // Not the file that was here: it may have been elsewhere.
        let came = here.as_ref().is_none_or(|here| !here.signature.same_file(&arrival.signature));
        here.into_iter().for_each(&mut add);
        if same {
            continue;
        }
        if asked.insert(arrival.hash) {
            catalog.of_content(&arrival.hash).into_iter().for_each(&mut add);
            if !nobody_left {
                ledger.gone_with_content(&arrival.hash)?.into_iter().for_each(&mut add);
            }
        }
        if came {
            let inode = arrival.signature.inode;
            catalog.of_inode(inode).into_iter().for_each(&mut add);
            if !nobody_left {
                ledger.gone_with_inode(inode)?.into_iter().for_each(&mut add);
            }
        }
        if (is_new || came) && !nobody_left {
            ledger.gone_from(arrival.path)?.into_iter().for_each(&mut add);
        }
        let titled = arrival.head.and_then(|head| catalog.titled(&head.title, head.published?));
        titled.into_iter().for_each(&mut add);
        if nobody_left {
            continue;
        }
        for alias in arrival.head.iter().flat_map(|head| &head.aliases) {
            let base = scene.ground.base.trim_end_matches('/');
            let alias = link::encode_raw(alias);
            let path = alias.trim_matches('/');
            for link in [alias.clone(), format!("{base}/{path}/"), format!("{base}/{path}")] {
                ledger.gone_at(&link)?.into_iter().for_each(&mut add);
            }
        }
    }
    Ok(found.into_values().collect())
}
