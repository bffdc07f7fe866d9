//! An order of functions in which each comes behind all that it calls. Where calls go in circles,
//! functions are taken out. Pure.

use std::cmp::Reverse;

use crate::calls::Calls;

/// The functions of a graph, each behind those it calls. As long as some call each other in
/// circles, the dearest of each such group is taken out, of equals the first. `costs` is by
/// function index.
pub fn callees_first(mut calls: Calls, costs: &[u64]) -> Vec<u32> {
    loop {
        let groups = groups(&calls);
        let circles: Vec<_> = groups
            .iter()
            .filter(|group| group.len() > 1 || callees(&calls, group[0]).any(|c| c == group[0]))
            .collect();
        if circles.is_empty() {
            return groups.into_iter().flatten().collect();
        }
        let dearest = |group: &&Vec<u32>| {
            let all = group.iter().copied();
            all.max_by_key(|function| (costs[*function as usize], Reverse(*function)))
        };
        let out: Vec<u32> = circles.iter().filter_map(dearest).collect();
        out.iter()
            .for_each(|function| calls[*function as usize] = None);
    }
}

/// What a function calls, as far as it is in the graph.
fn callees(calls: &Calls, function: u32) -> impl Iterator<Item = u32> {
    let all = calls[function as usize].iter().flatten().copied();
    all.filter(|callee| calls[*callee as usize].is_some())
}

/// The functions in groups of those that reach each other (strongly connected components, by
/// Tarjan's algorithm), each group behind those it calls.
fn groups(calls: &Calls) -> Vec<Vec<u32>> {
    let mut search = Search {
        calls,
        places: vec![None; calls.len()],
        lowest: vec![0; calls.len()],
        is_open: vec![false; calls.len()],
        open: Vec::new(),
        seen: 0,
        groups: Vec::new(),
    };
    for (function, callees) in (0..).zip(calls) {
        if callees.is_some() && search.places[function as usize].is_none() {
            search.visit(function);
        }
    }
    search.groups
}

struct Search<'c> {
    calls: &'c Calls,
    /// By function index: when it was first seen.
    places: Vec<Option<usize>>,
    /// By function index: the earliest seen open function that it is known to reach.
    lowest: Vec<usize>,
    is_open: Vec<bool>,
    /// The functions seen whose group is not complete.
    open: Vec<u32>,
    seen: usize,
    groups: Vec<Vec<u32>>,
}

impl Search<'_> {
    fn enter(&mut self, function: u32) -> (u32, Vec<u32>) {
        self.places[function as usize] = Some(self.seen);
        self.lowest[function as usize] = self.seen;
        self.is_open[function as usize] = true;
        self.open.push(function);
        self.seen += 1;
        (function, callees(self.calls, function).collect())
    }

    /// Visits all that a function reaches. Does not recurse: chains of calls can be long.
    fn visit(&mut self, function: u32) {
        let mut path = vec![self.enter(function)];
        while let Some((function, rest)) = path.last_mut() {
            let (function, at) = (*function, *function as usize);
            if let Some(callee) = rest.pop() {
                match self.places[callee as usize] {
                    None => path.push(self.enter(callee)),
                    Some(place) if self.is_open[callee as usize] => {
                        self.lowest[at] = self.lowest[at].min(place);
                    }
                    Some(_) => {}
                }
                continue;
            }
            path.pop();
            if let Some((caller, _)) = path.last() {
                let caller = *caller as usize;
                self.lowest[caller] = self.lowest[caller].min(self.lowest[at]);
            }
            if self.places[at] == Some(self.lowest[at]) {
                self.complete(function);
            }
        }
    }

    /// Closes the group of which `first` was seen first.
    fn complete(&mut self, first: u32) {
        let start = self.open.iter().rposition(|function| *function == first);
        let group = self.open.split_off(start.unwrap_or(0));
        group
            .iter()
            .for_each(|function| self.is_open[*function as usize] = false);
        self.groups.push(group);
    }
}
