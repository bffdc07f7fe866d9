//! console.table: rows and columns in a frame.

use crate::inspect;
use boa_engine::{
    Context, JsValue, builtins::proxy::Proxy, object::JsObject, property::PropertyKey,
};

/// Rows and columns shown; a table is for reading.
const ROWS_MAX: usize = 1000;
const COLUMNS_MAX: usize = 50;

struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
    has_values: bool,
}

struct Row {
    index: String,
    cells: Vec<(String, String)>,
    value: String,
}

/// The table as text; none when the first argument is no object and has no rows.
pub fn render(arguments: &[JsValue], context: &mut Context) -> Option<String> {
    let data = arguments
        .first()?
        .as_object()
        .filter(|object| !object.is::<Proxy>())?
        .clone();
    let only = arguments
        .get(1)
        .and_then(|only| only.as_object().map(|o| entries(&o, context)));
    let mut table = Table {
        columns: Vec::new(),
        rows: Vec::new(),
        has_values: false,
    };
    let rows = entries(&data, context);
    let rest = rows.len().saturating_sub(ROWS_MAX);
    for (index, value) in rows.into_iter().take(ROWS_MAX) {
        let mut row = Row {
            index,
            cells: Vec::new(),
            value: String::new(),
        };
        match value
            .as_object()
            .filter(|object| !object.is_callable() && !object.is::<Proxy>())
        {
            None => {
                row.value = inspect::quoted(&value, context);
                table.has_values = true;
            }
            Some(object) => {
                for (name, cell) in entries(&object, context) {
                    row.cells.push((name, inspect::quoted(&cell, context)));
                }
            }
        }
        table.rows.push(row);
    }
    match only {
        Some(only) => {
            table.columns = only
                .iter()
                .map(|(_, name)| inspect::text(name, context))
                .collect();
        }
        None => table.find_columns(),
    }
    table.columns.truncate(COLUMNS_MAX);
    let mut text = table.framed();
    if rest > 0 {
        text.push_str(&format!("\n... {rest} more rows"));
    }
    Some(text)
}

/// The enumerable own data properties with string keys.
fn entries(object: &JsObject, context: &mut Context) -> Vec<(String, JsValue)> {
    let keys = object.own_property_keys(context).unwrap_or_default();
    let mut entries = Vec::new();
    for key in keys {
        let property = object.borrow().properties().get(&key);
        let Some(property) = property.filter(|p| p.enumerable() == Some(true)) else {
            continue;
        };
        let name = match &key {
            PropertyKey::Symbol(_) => continue,
            key => inspect::text(&JsValue::from(key.clone()), context),
        };
        entries.extend(property.value().map(|value| (name, value.clone())));
    }
    entries
}

impl Table {
    fn find_columns(&mut self) {
        for (name, _) in self.rows.iter().flat_map(|row| &row.cells) {
            if self.columns.len() < COLUMNS_MAX && !self.columns.contains(name) {
                self.columns.push(name.clone());
            }
        }
    }

    fn framed(&self) -> String {
        let mut lines = vec![self.heading()];
        for row in &self.rows {
            let mut line = vec![row.index.clone()];
            for column in &self.columns {
                let cell = row.cells.iter().find(|(name, _)| name == column);
                line.push(cell.map(|(_, text)| text.clone()).unwrap_or_default());
            }
            if self.has_values {
                line.push(row.value.clone());
            }
            lines.push(line);
        }
        frame(&lines)
    }

    fn heading(&self) -> Vec<String> {
        let mut heading = vec!["(index)".to_owned()];
        heading.extend(self.columns.iter().cloned());
        if self.has_values {
            heading.push("Values".to_owned());
        }
        heading
    }
}

fn frame(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
            + 2
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let rule = |left: &str, middle: &str, right: &str| {
        let dashes: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        format!("{left}{}{right}", dashes.join(middle))
    };
    let mut text = vec![rule("┌", "┬", "┐")];
    for (number, line) in lines.iter().enumerate() {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!(" {cell}{}", " ".repeat(width - 1 - cell.chars().count())))
            .collect();
        text.push(format!("│{}│", cells.join("│")));
        if number == 0 {
            text.push(rule("├", "┼", "┤"));
        }
    }
    text.push(rule("└", "┴", "┘"));
    text.join("\n")
}
