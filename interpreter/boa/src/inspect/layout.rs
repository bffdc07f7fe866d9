//! How parts are put together: quotes, braces, lines.

/// A group longer than this goes on lines of its own, in characters.
const LINE_MAX: usize = 72;

/// The text in quotes: the first of ' " ` that it does not contain.
pub fn quote(text: &str) -> String {
    let mark = ['\'', '"', '`']
        .into_iter()
        .find(|&mark| !text.contains(mark))
        .unwrap_or('\'');
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(mark);
    for character in text.chars() {
        match character {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            character if character == mark => quoted.extend(['\\', character]),
            character if character < ' ' || character == '\x7f' => {
                quoted.push_str(&format!("\\x{:02X}", u32::from(character)));
            }
            character => quoted.push(character),
        }
    }
    quoted.push(mark);
    quoted
}

/// A property's name: bare when it is an identifier, else in quotes.
pub fn property_name(name: &str) -> String {
    let mut characters = name.chars();
    let starts_well = characters
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$');
    if starts_well && characters.all(|c| c.is_alphanumeric() || c == '_' || c == '$') {
        name.to_owned()
    } else {
        quote(name)
    }
}

/// `prefix open part, part close`, on one line when it fits.
pub fn group(prefix: &str, open: char, parts: &[String], close: char) -> String {
    let prefix = if prefix.is_empty() {
        String::new()
    } else {
        format!("{prefix} ")
    };
    if parts.is_empty() {
        return format!("{prefix}{open}{close}");
    }
    let length: usize = parts.iter().map(|part| part.chars().count() + 2).sum();
    if length + prefix.len() <= LINE_MAX && !parts.iter().any(|part| part.contains('\n')) {
        return format!("{prefix}{open} {} {close}", parts.join(", "));
    }
    let lines = parts.join(",\n").replace('\n', "\n  ");
    format!("{prefix}{open}\n  {lines}\n{close}")
}
