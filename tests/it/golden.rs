//! Whole sites with the feeds they make. `UPDATE_GOLDENS=1` rewrites the feeds; look at the
//! difference before committing it.

use std::path::{Path, PathBuf};

use crate::kit::{said, syndic, tree};

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in tree(from) {
        let place = to.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
    }
}

/// A fresh build, without a ledger, makes the committed feeds byte for byte.
fn check(site: &Path) {
    let dir = tempfile::tempdir().unwrap();
    copy(&site.join("content"), &dir.path().join("content"));
    std::fs::copy(site.join("config.toml"), dir.path().join("config.toml")).unwrap();
    let output = syndic().arg("build").current_dir(dir.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = tree(&dir.path().join("feeds"));
    let golden = site.join("feeds");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        let _ = std::fs::remove_dir_all(&golden);
        copy(&dir.path().join("feeds"), &golden);
    }
    let expected = tree(&golden);
    let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        files.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&made), names(&expected));
    for (path, bytes) in &made {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(bytes), text(&expected[path]), "{path}; UPDATE_GOLDENS=1 rewrites it");
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_sample_site() {
    check(&repository());
}

#[test]
fn fixture_sites() {
    let sites = repository().join("tests/sites");
    let mut found = 0;
    for entry in std::fs::read_dir(sites).unwrap() {
        check(&entry.unwrap().path());
        found += 1;
    }
    assert!(found >= 2);
}

/// As on a fresh clone: the feeds are there and their ledger is not.
#[test]
fn a_build_without_its_ledger_announces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    copy(&repository().join("content"), &dir.path().join("content"));
    copy(&repository().join("feeds"), &dir.path().join("feeds"));
    std::fs::copy(repository().join("config.toml"), dir.path().join("config.toml")).unwrap();
    let before = tree(&dir.path().join("feeds"));
    let output = syndic().arg("build").current_dir(dir.path()).output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(tree(&dir.path().join("feeds")) == before);
}
