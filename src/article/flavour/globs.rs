//! Generators' patterns of paths, as patterns of ours.

use globset::{GlobBuilder, GlobMatcher};

/// A regular expression that is found anywhere in a path, as a pattern for the whole of it; `None`
/// where it is more than text with gaps.
pub fn glob_of(expression: &str) -> Option<String> {
    let mut glob = String::from("*");
    let mut rest = expression.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '$' if rest.peek().is_none() => return Some(glob),
            '\\' => glob.push(rest.next().filter(|c| matches!(c, '.' | '-' | '_' | '/'))?),
            '.' if rest.next_if_eq(&'*').is_some() => glob.push('*'),
            '.' if rest.next_if_eq(&'+').is_some() => glob.push_str("?*"),
            '.' => glob.push('?'),
            '*' | '+' | '?' | '^' | '$' | '|' | '[' | ']' | '(' | ')' | '{' | '}' => return None,
            c => glob.push(c),
        }
    }
    glob.push('*');
    Some(glob)
}

/// A pattern from another folder; `.` and slashes around it mean nothing.
pub fn pattern_below(folder: &str, pattern: &str) -> String {
    let bare = |path: &str| match path.trim_start_matches("./").trim_matches('/') {
        "." => String::new(),
        bare => bare.to_string(),
    };
    match (bare(folder), bare(pattern)) {
        (folder, pattern) if folder.is_empty() => pattern,
        (folder, pattern) => format!("{folder}/{pattern}"),
    }
}

/// What a pattern with alternatives stands for: `{,/**}/a{,/**}` are four.
pub fn unbraced(pattern: &str) -> Vec<String> {
    const MOST: usize = 64;
    let mut whole = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((inner, behind)) = after.split_once('}') else { break };
        let choices: Vec<&str> = inner.split(',').collect();
        if whole.len() * choices.len() > MOST {
            break;
        }
        let with = |start: &String| {
            let start = format!("{start}{before}");
            choices.iter().map(move |choice| format!("{start}{choice}")).collect::<Vec<_>>()
        };
        whole = whole.iter().flat_map(with).collect();
        rest = behind;
    }
    whole.iter().map(|start| format!("{start}{rest}")).collect()
}

/// Hugo's globs do not cross slashes, know no case, and their first `**/` wants a folder.
pub fn glob_of_files(pattern: &str) -> Option<GlobMatcher> {
    let pattern = match pattern.strip_prefix("**/") {
        Some(rest) => format!("*/**/{rest}"),
        None => pattern.to_string(),
    };
    let glob = GlobBuilder::new(&pattern).literal_separator(true).case_insensitive(true).build();
    glob.ok().map(|glob| glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_patterns_of_paths() {
        for (expression, expected) in [
            ("README.md", Some("*README?md*")),
            (r"\.foo$", Some("*.foo")),
            (r"/drafts/.*\.md$", Some("*/drafts/*.md")),
            (r"\.(foo|bar)$", None),
            (r"^x", None),
            (r"\d", None),
        ] {
            assert_eq!(glob_of(expression).as_deref(), expected);
        }
    }

    #[test]
    fn alternatives_are_patterns_of_their_own() {
        assert_eq!(
            unbraced("{,/**}/_x{,/**}"),
            ["/_x", "/_x/**", "/**/_x", "/**/_x/**"].map(String::from)
        );
        assert_eq!(unbraced("/a/**"), ["/a/**"]);
        assert_eq!(unbraced(&"{a,b}".repeat(20)).len(), 64);
        assert_eq!(unbraced("a{b"), ["a{b"]);
    }
}
