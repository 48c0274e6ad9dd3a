//! `cargo bench --bench table` prints the whole table: builds, restarts, from a save to the wire,
//! memory and bytes, with the floors and a peer beside them, all measured in one run, in turn.
//! `cargo bench --bench table -- 1000 10000 100000` chooses the sizes, up to 1000000. `cargo bench
//! --bench serving` is about requests. Nothing here decides whether a test passes.

mod builds;
mod corpus;
mod dice;
mod live;
mod process;
mod rows;

use std::path::Path;

use mimalloc::MiMalloc;
use process::Daemon;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

fn main() {
    if std::env::args().any(|arg| arg == builds::SURVEY) {
        return builds::survey_here();
    }
    let sizes: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 10_000] } else { sizes };
    rows::head();
    for size in &sizes {
        measure(*size);
    }
    if sizes.iter().any(|size| *size >= 10_000) {
        categories();
    }
}

const CONFIG: &str = "title = \"Bench\"\nurl = \"https://bench.example/\"\nlanguage = \"vi\"\n\
                      [server]\nlisten = \"ADDRESS\"\n";
/// A feed with the newest entry of all, and no other.
const ONE: &str = "title = \"Bench\"\nurl = \"https://bench.example/\"\nlanguage = \"vi\"\n\
                   [content]\ndir = \"../content\"\n[feeds]\nentries = 1\nby = []\n";
const HUGO: &str = "title = \"Bench\"\nbaseURL = \"https://bench.example/\"\n\
                    contentDir = \"../content\"\ndisableKinds = [\"404\", \"sitemap\", \"robotsTXT\"]\n\
                    [taxonomies]\ncategory = \"categories\"\n[services.rss]\nlimit = 30\n\
                    [outputs]\nhome = [\"RSS\"]\nsection = [\"RSS\"]\ntaxonomy = [\"RSS\"]\n\
                    term = [\"RSS\"]\n[[cascade]]\n[cascade.build]\nrender = \"never\"\n";

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("room for a folder");
    std::fs::write(path, text).expect("room for the config");
}

fn measure(size: usize) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (dir, content) = (dir.path(), dir.path().join("content"));
    corpus::write(&content, size, if size >= 100_000 { 200 } else { 50 }).expect("room");
    let address = process::free_address();
    write(dir, "config.toml", &CONFIG.replace("ADDRESS", &address));
    write(dir, "read/config.toml", ONE);
    write(dir, "hugo/hugo.toml", HUGO);
    builds::measure(dir, &address, &content, size, if size > 100_000 { 1 } else { 3 });
    live::measure(dir, &content, size);
    if size <= 1_000 {
        live::bytes_per_poll(dir, &content, size);
    }
}

/// Ten thousand categories, most of them polled by nobody.
fn categories() {
    const ARTICLES: usize = 10_000;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (dir, content) = (dir.path(), dir.path().join("content"));
    corpus::write(&content, ARTICLES, 10_000).expect("room");
    write(dir, "config.toml", &CONFIG.replace("ADDRESS", "127.0.0.1:0"));
    let first = Daemon::start(dir).memory().unwrap_or(0) / 1024;
    let again = Daemon::start(dir).memory().unwrap_or(0) / 1024;
    let value = format!("{first} MiB after the first start, {again} MiB after a restart");
    rows::said(ARTICLES, "a daemon with 10,000 categories", &value);
}
