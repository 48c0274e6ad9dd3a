//! Which files are looked at: what the publisher takes and leaves out, and what the generator does.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use toml::Spanned;

use super::Meaning;
use super::file::ConfigFile;
use crate::article::Problem;
use crate::article::declared::Declared;
use crate::article::flavour::location::Root;

impl Meaning<'_> {
    pub(super) fn included(
        &mut self,
        file: &ConfigFile,
        declared: &Declared,
        root: &Root,
    ) -> GlobSet {
        let own = self.globs(&file.content.include);
        if own.is_empty() { globs_of(&root.inside_of(&declared.include)) } else { own }
    }

    /// What the publisher leaves out, and what the generator does.
    pub(super) fn excluded(
        &mut self,
        file: &ConfigFile,
        declared: &Declared,
        root: &Root,
        doubts: &mut Vec<Problem>,
    ) -> GlobSet {
        let own = self.globs(&file.content.exclude);
        if declared.exclude.is_empty() && declared.ignored.is_empty() {
            return own;
        }
        let theirs = |patterns: &[String]| -> Vec<String> {
            let with_folder = |pattern: String| {
                let pattern = pattern.trim_end_matches('/').to_string();
                [format!("{pattern}/**"), pattern]
            };
            root.inside_of(patterns).into_iter().flat_map(with_folder).collect()
        };
        let with_own = file.content.exclude.iter().map(|pattern| pattern.get_ref().clone());
        let loose = with_own.chain(theirs(&declared.exclude));
        let loose = loose.filter_map(|pattern| Glob::new(&pattern).ok());
        let strict = theirs(&declared.ignored);
        let strict = strict
            .iter()
            .filter_map(|pattern| GlobBuilder::new(pattern).literal_separator(true).build().ok());
        let mut set = GlobSetBuilder::new();
        for glob in loose.chain(strict) {
            set.add(glob);
        }
        set.build().unwrap_or_else(|error| {
            let message = format!("what the site leaves out is not followed: {error}");
            doubts.push(Problem::warning(&self.base.display().to_string(), None, message));
            own
        })
    }

    pub(super) fn globs(&mut self, patterns: &[Spanned<String>]) -> GlobSet {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            match Glob::new(pattern.get_ref()) {
                Ok(glob) => drop(set.add(glob)),
                Err(error) => self.fault(
                    pattern.span(),
                    format!("no pattern: {}", error.kind()),
                    "write it as \"drafts/**\" or \"*.txt\"",
                ),
            }
        }
        set.build().unwrap_or_default()
    }
}

fn globs_of(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in patterns.iter().filter_map(|pattern| Glob::new(pattern).ok()) {
        set.add(glob);
    }
    set.build().unwrap_or_default()
}
