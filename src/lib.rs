//! # syndic
//!
//! A daemon that watches a folder of articles, builds RSS 2.0, Atom 1.0 and JSON Feed 1.1 feeds
//! for each category, and serves them. It is one pure function with two edges:
//!
//! ```text
//! content/ ─ scan ─▶ Edit ─ read ─▶ Article ─ file ─▶ Catalog ─ compose ─▶ Feed ─ render ─▶ Document ─▶ feeds/
//!                                               ▲ ids, dates                                  └─▶ Edition ─▶ reader
//!                                             Ledger
//! ```
//!
//! An *edition* is everything published at one moment, complete and immutable. One thread owns all
//! that changes and makes editions; HTTP only reads the present one. A file event says when to
//! look, never what happened: start, edit, rename, removal and lost event are one code path.
//!
//! ## The modules, in reading order
//!
//! Pure, without I/O, clock or async:
//!
//! - [`article`]: what the author wrote. Bytes of one file → head, body, problems. What a
//!   generator's folder means is one row of `article::flavour` each; what its own config says,
//!   `article::declared`; a saved page is `article::page`, a bare text
//!   `article::text`; reStructuredText is `article::rst`, Org `article::org`, AsciiDoc
//!   `article::asciidoc`.
//! - [`feed`]: what we syndicate. Ids, links, names, who is in which feed; every decision about an
//!   entry is made here, once.
//! - [`format`](mod@format): plain projections of one feed; the words of RSS live in one file.
//! - [`edition`]: rendered bytes with their validators.
//!
//! The shell, two directories, one file, one socket:
//!
//! - [`content_dir`]: `scan` is the truth, `watch` a hint.
//! - [`ledger`]: what must outlive a crash.
//! - [`feeds_dir`]: the copy of the edition on disk; each file is replaced as a whole. `daemon::copier`
//!   brings it up to date beside the turns.
//! - [`http`]: answers from the present edition, and tells how the daemon is.
//! - [`lock`]: one daemon for one directory.
//! - [`pace`]: what nobody waits for gives way.
//!
//! Wiring:
//!
//! - [`config`], [`cli`], [`command`]: what the publisher wants, and is told.
//! - [`daemon`]: the only module that knows all the parts; `daemon::turn` reads top to bottom.
//!   `daemon::begin` gives readers what they were given last, then looks at the content and reads
//!   and checks the ledger, side by side.
//!
//! ## Invariants
//!
//! - Pure modules import no shell module and no `config`; shell modules never import each other
//!   (`tests/it/tidy.rs` holds the table).
//! - An id is given once. What the ledger has committed is what counts; the wire follows at once,
//!   `feeds/` after it, its manifest last. Only where a turn makes many documents do their files
//!   come first: an edition keeps the bytes of few, and has those of the others from `feeds/`.
//! - Of an article, memory and ledger hold one run of packed bytes (`feed::packed`), of a document
//!   its validators: what grows with the archive is a few hundred bytes for each article.
//! - Outputs hold nothing of the clock, the machine, or the order of a directory.
//! - No parser fails: it returns what it read and the problems it saw. No input panics the daemon.
//! - A short way around a parser (`front_matter::simple`, `sanitize::simple`) takes only what it is
//!   sure of, and a test holds it against the parser on random input.
//! - Every HTML passes `article::sanitize`, every string `format::xml`.
//! - Nothing is missing on one path's word: while the content is away, or cannot all be looked at,
//!   each look is at everything, and nothing is taken for removed.
//! - A row of the ledger that is not as it was written (`ledger::sums`) is not believed; what is set
//!   aside is kept. Who looks after the daemon is told what is wrong (`http::health`), in words that
//!   readers may read too.
//!
//! ## Proofs
//!
//! What the README promises is held by tests that break things for real: the program under a
//! supervisor that fails or ends its calls (`tests/it/faults.rs`), on a disk whose power is cut
//! (`power.rs`), without its content (`mounts.rs`), with a damaged ledger (`damage.rs`), under a crowd
//! of clients (`clients.rs`), a model of conditional requests (`conditions.rs`), hostile files
//! (`corpus.rs`, `markup.rs`). The seams are values, not mocks: [`content_dir::ContentDir::see`] takes
//! what was found, [`daemon::manner::Manner`] the time and the way to read, so that `worlds.rs` runs
//! the daemon's own turns over a folder in memory.

pub mod article;
pub mod cli;
pub mod command;
pub mod config;
pub mod content_dir;
pub mod daemon;
pub mod edition;
pub mod feed;
pub mod feeds_dir;
pub mod format;
pub mod http;
pub mod ledger;
pub mod lock;
pub mod pace;

#[cfg(test)]
#[path = "../benches/table/dice.rs"]
mod dice;
