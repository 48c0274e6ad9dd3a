//! Moments at which a look, or a reading, meets one half of a change.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use syndic::config::Config;
use syndic::content_dir::Hint;

use super::folder::{File, Token};
use super::{World, in_folder};
use crate::kit::{CONFIG, Site};

fn config() -> (Config, Site) {
    let site = Site::with_config(CONFIG);
    let config = Config::load(&site.path("config.toml"), false).unwrap();
    (in_folder(config, &site.path("content")), site)
}

/// A place under another title and in another file: that alone is told first, and where its article
/// lies now a little later.
#[test]
fn what_changed_places_is_known_though_a_look_falls_between() {
    let (config, _site) = config();
    let mut world = World::new("a swap".into(), &config, 0);
    let path_of = |world: &World, token: Token| -> String {
        let mut files = world.folder.files.iter();
        files.find(|(_, file)| file.token == token).map(|(path, _)| path.clone()).unwrap()
    };
    let add = |world: &mut World| -> Token {
        let before: HashSet<Token> = world.folder.files.values().map(|file| file.token).collect();
        world.folder.add(&mut world.dice);
        let mut files = world.folder.files.iter().filter(|(_, file)| !before.contains(&file.token));
        let (path, token) = files.next().map(|(path, file)| (path.clone(), file.token)).unwrap();
        world.folder.complete(&path);
        token
    };
    let (first, other) = (add(&mut world), add(&mut world));
    world.quiet_turn(&Hint::All);
    let id_at = |world: &World, token: Token| -> Option<String> {
        world.state.catalog.id_at(&path_of(world, token)).map(String::from)
    };
    let (first_id, other_id) = (id_at(&world, first), id_at(&world, other));
    assert!(first_id.is_some() && other_id.is_some());
    let place = path_of(&world, first);
    // The two change places, and one that is new takes that of the second.
    world.folder.now += 5_000;
    world.folder.swap(&place, &path_of(&world, other));
    let new = add(&mut world);
    world.folder.swap(&path_of(&world, new), &path_of(&world, other));
    assert_eq!(path_of(&world, new), place);
    let only = BTreeSet::from([world.content.root().join(&place)]);
    world.folder.ticks.clear();
    world.quiet_turn(&Hint::Paths(only));
    assert_eq!(id_at(&world, new), first_id, "nothing is decided yet");
    world.folder.now += 10;
    let rest = [first, other].map(|token| world.content.root().join(path_of(&world, token)));
    world.quiet_turn(&Hint::Paths(rest.into()));
    world.folder.now += 100;
    world.go_on_quietly();
    assert_eq!((id_at(&world, first), id_at(&world, other)), (first_id.clone(), other_id.clone()));
    let new_id = id_at(&world, new);
    assert!(new_id.is_some() && new_id != first_id && new_id != other_id, "{new_id:?}");
}

/// A file is renamed, and another one takes its place, while a look at everything goes by: it meets
/// the first one under both names.
#[test]
fn what_is_met_twice_by_one_look_is_one() {
    let (config, _site) = config();
    let mut world = World::new("met twice".into(), &config, 0);
    for _ in 0..2 {
        world.folder.add(&mut world.dice);
    }
    let paths: Vec<String> = world.folder.files.keys().cloned().collect();
    paths.iter().for_each(|path| world.folder.complete(path));
    world.quiet_turn(&Hint::All);
    let ids: Vec<String> =
        paths.iter().map(|path| world.state.catalog.id_at(path).unwrap().to_string()).collect();
    world.folder.now += 5_000;
    let files: Vec<_> = paths.iter().map(|path| world.folder.files.remove(path).unwrap()).collect();
    let lay = |world: &mut World, there: [usize; 2]| {
        for (path, at) in ["moved/a.md", "moved/b.md"].into_iter().zip(there) {
            world.folder.files.insert(path.into(), files[at].clone());
        }
    };
    lay(&mut world, [0, 0]);
    world.quiet_turn(&Hint::All);
    lay(&mut world, [1, 0]);
    world.folder.now += 100;
    world.quiet_turn(&Hint::All);
    let now = ["moved/b.md", "moved/a.md"].map(|path| world.state.catalog.id_at(path).unwrap());
    assert_eq!(now.as_slice(), ids);
}

/// A file is written on, or taken away, after its head was read and before its body is.
#[test]
fn what_was_not_read_whole_does_not_count() {
    let (config, _site) = config();
    let mut world = World::new("half read".into(), &config, 0);
    let titles = |world: &World| -> Vec<String> {
        let feed: Value = serde_json::from_slice(&world.shown["all.json"]).unwrap();
        let items = feed["items"].as_array().unwrap().iter();
        items.map(|item| item["title"].as_str().unwrap().to_string()).collect()
    };
    for _ in 0..2 {
        world.folder.add(&mut world.dice);
    }
    let paths: Vec<String> = world.folder.files.keys().cloned().collect();
    paths.iter().for_each(|path| world.folder.complete(path));
    world.quiet_turn(&Hint::All);
    assert_eq!(titles(&world).len(), 2);
    let (before, number) = (world.shown.clone(), world.state.number);
    // Of all that is edited, nothing is lost, and what is new is not there yet.
    world.folder.now += 5_000;
    world.folder.add(&mut world.dice);
    let all: Vec<String> = world.folder.files.keys().cloned().collect();
    let new = all.iter().find(|path| !paths.contains(path)).unwrap();
    world.folder.complete(new);
    for path in &paths {
        world.folder.edit(path, &mut world.dice);
        world.folder.complete(path);
    }
    world.interrupted = true;
    world.quiet_turn(&Hint::All);
    world.interrupted = false;
    assert!(world.shown == before && world.state.number == number, "{:#?}", world.shown);
    assert_eq!(world.state.catalog.id_at(new), None);
    // The new one goes again: nobody has ever heard of it.
    world.folder.files.remove(new);
    world.folder.ticks.clear();
    for _ in 0..20 {
        world.folder.now += 250;
        world.go_on_quietly();
    }
    for path in &paths {
        assert!(titles(&world).contains(&world.folder.files[path].title));
    }
    world.check_feed();
    world.check_rebuild();
}

/// A new file lies in an article's place, and is written on while it is read; the article's own file
/// is found elsewhere a moment later.
#[test]
fn whose_a_file_is_does_not_count_either_where_it_was_not_read_whole() {
    let (config, _site) = config();
    let mut world = World::new("half read, and another's".into(), &config, 0);
    let add = |world: &mut World| -> String {
        let before: HashSet<String> = world.folder.files.keys().cloned().collect();
        world.folder.add(&mut world.dice);
        let mut paths = world.folder.files.keys().filter(|path| !before.contains(*path));
        let path = paths.next().unwrap().clone();
        world.folder.complete(&path);
        path
    };
    let place = add(&mut world);
    world.quiet_turn(&Hint::All);
    let id = world.state.catalog.id_at(&place).unwrap().to_string();
    world.folder.now += 5_000;
    let own = world.folder.files.remove(&place).unwrap();
    let new = add(&mut world);
    let file = world.folder.files.remove(&new).unwrap();
    world.folder.files.insert(place.clone(), file);
    world.interrupted = true;
    world.quiet_turn(&Hint::All);
    world.interrupted = false;
    world.folder.files.insert("moved/a.md".into(), own);
    world.folder.now += 500;
    world.quiet_turn(&Hint::All);
    assert_eq!(world.state.catalog.id_at("moved/a.md"), Some(id.as_str()));
    assert!(world.state.catalog.id_at(&place).is_some_and(|other| other != id));
}

/// Most articles vanish, some a little later than the others, and come back one by one just when the
/// first ones were missed long enough.
#[test]
fn what_vanished_with_most_others_stays_though_they_come_back() {
    let (config, _site) = config();
    let mut world = World::new("back too early".into(), &config, 0);
    world.folder.add(&mut world.dice);
    let (_, model) = world.folder.files.pop_first().unwrap();
    for number in 0..30 {
        let text = format!("---\ntitle: T{number}\ndate: 2001-01-01\n---\n\nText {number}.\n");
        let mut file = File { token: model.token + number, text, half: None, ..model.clone() };
        file.signature.inode += number as u64;
        file.signature.size = file.text.len() as u64;
        world.folder.files.insert(format!("n{number:02}.md"), file);
    }
    let paths: Vec<String> = world.folder.files.keys().cloned().collect();
    world.quiet_turn(&Hint::All);
    world.folder.now += 60_000;
    world.folder.ticks.clear();
    let ids = |world: &World| -> Vec<String> {
        let feed: Value = serde_json::from_slice(&world.shown["all.json"]).unwrap();
        let items = feed["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_string()).collect()
    };
    let before = ids(&world);
    assert_eq!(before.len(), 30);
    let take = |world: &mut World, some: &[String]| -> Vec<_> {
        let files = some.iter().map(|path| world.folder.files.remove(path).unwrap()).collect();
        world.quiet_turn(&Hint::All);
        files
    };
    let first = take(&mut world, &paths[..15]);
    world.folder.now += 1_000;
    let later = take(&mut world, &paths[15..27]);
    world.folder.now += 1_000;
    world.quiet_turn(&Hint::All);
    assert_eq!(world.state.held.len(), 27, "they went together");
    for (path, file) in paths.iter().zip(first) {
        world.folder.files.insert(path.clone(), file);
    }
    for _ in 0..10 {
        world.folder.now += 500;
        world.quiet_turn(&Hint::All);
        assert_eq!(ids(&world), before);
    }
    for (path, file) in paths[15..].iter().zip(later) {
        world.folder.files.insert(path.clone(), file);
    }
    world.quiet_turn(&Hint::All);
    assert_eq!(ids(&world), before);
    assert!(world.state.held.is_empty(), "{:?}", world.state.held);
}
