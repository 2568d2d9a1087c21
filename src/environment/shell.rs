//! The variables that a shell sets when it reads a file such as os-release.

use std::iter::Peekable;
use std::mem;
use std::str::Chars;

/// The assignments of the file, in its order. Quotes, backslashes, comments, continued lines and
/// `export` are read as by a shell. Nothing is expanded or run: a value that a shell would expand is
/// empty.
pub(super) fn assignments(file: &str) -> Vec<(String, String)> {
    // For a shell a byte order mark is part of the first name, which no author intends.
    let file = format!("{}\n", file.trim_start_matches('\u{FEFF}'));
    let mut rest = file.chars().peekable();
    let mut found = Vec::new();
    while let Some(mut words) = command(&mut rest) {
        if words.first().is_some_and(Word::is_export) {
            words.retain(|word| word.name.is_some());
        }
        // An assignment before a command applies to that command alone.
        if words.iter().all(|word| word.name.is_some()) {
            found.extend(words.into_iter().filter_map(|word| Some((word.name?, word.text))));
        }
    }
    found
}

#[derive(Default)]
struct Word {
    /// The variable's name, if the word is an assignment.
    name: Option<String>,
    text: String,
    /// Whether any part of it is quoted or would be expanded.
    is_quoted: bool,
}

impl Word {
    fn is_export(&self) -> bool {
        self.name.is_none() && self.text == "export"
    }

    /// Whether the text so far, before a `=`, names a variable.
    fn is_name(&self) -> bool {
        self.name.is_none()
            && !self.is_quoted
            && !self.text.starts_with(|c: char| c.is_ascii_digit())
            && !self.text.is_empty()
            && self.text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    /// Whether it was only the backslash of a continued line.
    fn is_nothing(&self) -> bool {
        self.name.is_none() && self.text.is_empty() && !self.is_quoted
    }
}

/// The words up to the next end of a command; `None` at the end of the file.
fn command(rest: &mut Peekable<Chars<'_>>) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    loop {
        match *rest.peek()? {
            ' ' | '\t' => drop(rest.next()),
            '#' => while rest.next_if(|c| *c != '\n').is_some() {},
            '\n' | ';' => {
                rest.next();
                return Some(words);
            }
            _ => words.extend(Some(word(rest)?).filter(|word| !word.is_nothing())),
        }
    }
}

/// One word; `None` if a quote in it is not closed.
fn word(rest: &mut Peekable<Chars<'_>>) -> Option<Word> {
    let mut word = Word::default();
    let mut quote = None;
    let (mut is_expanded, mut is_operator) = (false, false);
    let ends = |c: &char| matches!(c, ' ' | '\t' | '\n' | ';');
    while let Some(next) = rest.next_if(|c| quote.is_some() || !ends(c)) {
        match (next, quote) {
            ('\'' | '"', None) => {
                quote = Some(next);
                word.is_quoted = true;
            }
            (_, Some(open)) if next == open => quote = None,
            (_, Some('\'')) => word.text.push(next),
            ('\\', _) => {
                let escaped = rest.next()?;
                if quote.is_some() && !matches!(escaped, '$' | '`' | '"' | '\\' | '\n') {
                    word.text.push('\\');
                }
                if escaped != '\n' {
                    word.text.push(escaped);
                    word.is_quoted = true;
                }
            }
            ('=', None) if word.is_name() => word.name = Some(mem::take(&mut word.text)),
            _ => {
                match (next, quote) {
                    ('$' | '`', _) => is_expanded = true,
                    ('~', None) => is_expanded |= word.text.is_empty(),
                    ('&' | '|' | '<' | '>' | '(' | ')', None) => is_operator = true,
                    _ => {}
                }
                word.text.push(next);
            }
        }
    }
    if is_expanded {
        word.text.clear();
        word.is_quoted = true;
    }
    if is_operator {
        word.name = None;
    }
    quote.is_none().then_some(word)
}
