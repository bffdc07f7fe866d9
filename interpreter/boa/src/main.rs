//! The interpreter as a native command.

use paddock_boa::{Features, Outcome, Request, Sandbox};
use std::{
    io::{BufRead, Write},
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

const USAGE: &str =
    "usage: paddock-boa [--script TEXT]\nWithout --script it reads one script a line.";

fn evaluate(sandbox: &mut Sandbox, script: &str) -> bool {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let request = Request {
        script,
        input: None,
        global: false,
        init: false,
        now: now.as_millis() as f64,
        seed: now.as_nanos() as u64,
        memory_bytes_max: usize::MAX,
        heap_bytes_max: usize::MAX,
    };
    match sandbox.evaluate(&request) {
        Outcome::Json(json) => {
            if json != "null" {
                println!("{json}");
            }
            true
        }
        Outcome::Thrown(failure) => {
            eprintln!("{}", failure.message);
            if let Some(stack) = failure.stack {
                eprintln!("{stack}");
            }
            false
        }
        Outcome::Pending => {
            eprintln!("the result waits for a host function, and there is no host");
            false
        }
        Outcome::Fatal(text) => {
            eprintln!("the engine failed: {text}");
            false
        }
    }
}

fn read_scripts(sandbox: &mut Sandbox) -> std::io::Result<()> {
    let mut lines = std::io::stdin().lock().lines();
    loop {
        print!("> ");
        std::io::stdout().flush()?;
        let Some(line) = lines.next() else {
            println!();
            return Ok(());
        };
        evaluate(sandbox, &line?);
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut sandbox = match Sandbox::boot(Features::default()) {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("the engine failed: {error}");
            return ExitCode::FAILURE;
        }
    };
    let good = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => read_scripts(&mut sandbox).is_ok(),
        ["--script", script] => evaluate(&mut sandbox, script),
        _ => {
            eprintln!("{USAGE}");
            false
        }
    };
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
