//! One sandbox and short ways to ask it.
#![allow(dead_code, reason = "every test file uses only some of these")]

use paddock_boa::{Failure, Features, Outcome, Request, Sandbox};

pub const NOW: f64 = 1_700_000_000_000.0;

pub struct Box {
    pub sandbox: Sandbox,
}

pub fn request(script: &str) -> Request<'_> {
    Request {
        script,
        input: None,
        global: false,
        init: false,
        now: NOW,
        seed: 1,
        memory_bytes_max: 64 << 20,
        heap_bytes_max: 64 << 20,
    }
}

impl Box {
    pub fn new() -> Self {
        Self {
            sandbox: Sandbox::boot(Features::default()).expect("a realm"),
        }
    }

    pub fn outcome(&mut self, request: &Request<'_>) -> Outcome {
        self.sandbox.evaluate(request)
    }

    pub fn json(&mut self, script: &str) -> String {
        match self.outcome(&request(script)) {
            Outcome::Json(json) => json,
            other => panic!("{script}: {other:?}"),
        }
    }

    pub fn failure(&mut self, script: &str) -> Failure {
        match self.outcome(&request(script)) {
            Outcome::Thrown(failure) => failure,
            other => panic!("{script}: {other:?}"),
        }
    }

    pub fn message(&mut self, script: &str) -> String {
        self.failure(script).message
    }
}

pub fn json(script: &str) -> String {
    Box::new().json(script)
}

pub fn message(script: &str) -> String {
    Box::new().message(script)
}
