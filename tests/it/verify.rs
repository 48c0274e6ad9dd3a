//! `syndic verify`: whatever does not agree is told, and nothing is changed by it.

use crate::kit::{Site, said, tree};

fn site() -> Site {
    let site = Site::new();
    for name in ["a", "b", "c"] {
        site.article(&format!("{name}.md"), &name.to_uppercase(), "2024-01-01");
    }
    site.write("undated.md", "# Undated\n\nSince whenever.\n");
    site.build(0);
    site
}

/// The exit code, and what is printed.
fn verify(site: &Site) -> (Option<i32>, String) {
    let files = |folder: &str| site.path(folder).exists().then(|| tree(&site.path(folder)));
    let state = || (files("feeds"), files("content"));
    let before = state();
    let output = site.run(&["verify"]);
    assert!(before == state(), "verify changed something");
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    (output.status.code(), printed + &said(&output))
}

#[test]
fn all_is_as_it_should_be() {
    let site = site();
    let (code, said) = verify(&site);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("4 articles") && said.contains("all as they should be"), "{said}");
    // Beside a running daemon, too, while it publishes.
    let daemon = site.serve();
    site.article("d.md", "D", "2024-01-02");
    daemon.until("all agree", |_| site.run(&["verify"]).status.success());
    daemon.stop();
    assert!(site.build(0).contains(" 0 files written"));
}

#[test]
fn whatever_differs_is_told() {
    let nothing = Site::new();
    assert_eq!(verify(&nothing).0, Some(1), "nothing was published");
    let drifts = |what: &dyn Fn(&Site), told: &[&str]| {
        let site = site();
        what(&site);
        let (code, said) = verify(&site);
        assert_eq!(code, Some(1), "{told:?}: {said}");
        for word in told {
            assert!(said.contains(word), "{word}: {said}");
        }
    };
    drifts(&|site| site.article("b.md", "Other", "2024-01-01"), &["b.md: has changed"]);
    drifts(&|site| site.article("new.md", "New", "2024-01-01"), &["new.md: is in no feed yet"]);
    drifts(&|site| site.remove("a.md"), &["a.md: is gone", "all.json: would be another"]);
    drifts(
        &|site| std::fs::rename(site.path("content"), site.path("away")).unwrap(),
        &["content", "is gone"],
    );
    drifts(
        &|site| std::fs::write(site.path("feeds/all.rss"), "no feed").unwrap(),
        &["all.rss: is not the document"],
    );
    drifts(
        &|site| std::fs::remove_file(site.path("feeds/all.atom")).unwrap(),
        &["all.atom: is not the document"],
    );
    drifts(
        &|site| {
            let ledger = rusqlite::Connection::open(site.path(".syndic/ledger.sqlite")).unwrap();
            ledger.execute("UPDATE meta SET value = '7' WHERE key = 'edition'", []).unwrap();
        },
        &["ledger", "damaged", "`meta`"],
    );
    drifts(
        &|site| {
            let config = std::fs::read_to_string(site.path("config.toml")).unwrap();
            site.config(&config.replace("Test", "Another title"));
        },
        &["all.rss: would be another document"],
    );
}
