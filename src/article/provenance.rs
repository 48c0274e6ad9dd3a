//! Where the value of each field came from, and what was there besides and lost.

use std::collections::BTreeMap;

/// Field name → the rule that gave its value, such as `front matter: date`. The default keeps
/// nothing: of a whole archive nobody asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    is_kept: bool,
    rules: BTreeMap<&'static str, String>,
    lost: BTreeMap<&'static str, Vec<Lost>>,
}

/// A value that another one was preferred to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Lost {
    pub rule: String,
    pub value: String,
}

impl Provenance {
    pub fn kept(is_kept: bool) -> Provenance {
        Provenance { is_kept, ..Provenance::default() }
    }

    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    pub fn set(&mut self, field: &'static str, rule: impl Into<String>) {
        if self.is_kept {
            self.rules.insert(field, rule.into());
        }
    }

    /// Sets a rule where there is none yet.
    pub fn or_set(&mut self, field: &'static str, rule: impl Into<String>) {
        if self.is_kept {
            self.rules.entry(field).or_insert_with(|| rule.into());
        }
    }

    pub fn unset(&mut self, field: &'static str) {
        self.rules.remove(field);
    }

    pub fn lose(&mut self, field: &'static str, rule: impl Into<String>, value: impl Into<String>) {
        if !self.is_kept {
            return;
        }
        let lost = Lost { rule: rule.into(), value: value.into() };
        let known = self.lost.entry(field).or_default();
        if !lost.value.is_empty() && !known.contains(&lost) {
            known.push(lost);
        }
    }

    pub fn rule(&self, field: &str) -> Option<&str> {
        self.rules.get(field).map(String::as_str)
    }

    pub fn rules(&self) -> &BTreeMap<&'static str, String> {
        &self.rules
    }

    pub fn lost(&self, field: &str) -> &[Lost] {
        self.lost.get(field).map_or(&[], Vec::as_slice)
    }

    pub fn all_lost(&self) -> &BTreeMap<&'static str, Vec<Lost>> {
        &self.lost
    }
}
