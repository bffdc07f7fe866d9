//! `meter IN.wasm OUT.wasm`: meters a module and says in one line what was done. `--no-notes`
//! leaves written pages unnoted, to measure what the limits alone cost.

use std::process::ExitCode;

use meter::Notes;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (notes, paths) = match arguments.split_first() {
        Some((flag, rest)) if flag == "--no-notes" => (Notes::Left, rest),
        _ => (Notes::Kept, arguments.as_slice()),
    };
    let [input, output] = paths else {
        eprintln!("usage: meter [--no-notes] IN.wasm OUT.wasm");
        return ExitCode::from(2);
    };
    match run(input, output, notes) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("meter: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(input: &str, output: &str, notes: Notes) -> Result<String, String> {
    let bytes = std::fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let report = meter::report(&bytes, notes).map_err(|error| format!("{input}: {error}"))?;
    std::fs::write(output, &report.bytes).map_err(|error| format!("{output}: {error}"))?;
    Ok(format!(
        "{} functions, {} checks, {} folded functions, largest charge {} units, {} -> {} bytes",
        report.functions,
        report.checks,
        report.folded,
        report.charge_max,
        bytes.len(),
        report.bytes.len(),
    ))
}
