//! `meter IN.wasm OUT.wasm`: meters a module and says in one line what was done.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: meter IN.wasm OUT.wasm");
        return ExitCode::from(2);
    };
    match run(input, output) {
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

fn run(input: &str, output: &str) -> Result<String, String> {
    let bytes = std::fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let report = meter::report(&bytes).map_err(|error| format!("{input}: {error}"))?;
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
