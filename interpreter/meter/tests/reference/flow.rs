//! Charges by a graph of single operators, relaxed until nothing changes.

use std::collections::{HashMap, HashSet};

use meter::weights::ARMS_MIN;
use wasmparser::Operator;

use super::control::{closers, matching, successors};

/// Where control can go from each operator, and in which part each operator lies. A part is a loop
/// or an arm of a switch; its header is the first operator in it.
struct Graph {
    next: Vec<Vec<usize>>,
    /// Whether control can come to an operator.
    reached: Vec<bool>,
    /// The header of the innermost part around each operator.
    inside: Vec<Option<usize>>,
    /// For each header, that of the part around it.
    around: Vec<Option<Option<usize>>>,
    /// For the header of each arm, the end of the construct around it, or its `else`.
    arms: HashMap<usize, usize>,
}

/// What a function is charged.
pub struct Charges {
    /// The checks that can be reached: before which operator, and its charge. That of the entry
    /// comes first.
    pub checks: Vec<(usize, u64)>,
    /// The operators that the next check pays for, and not the last.
    pub paid_later: Vec<usize>,
}

/// The charges of a function by the cost of each operator.
pub fn charges(operators: &[Operator<'_>], costs: &[u64]) -> Charges {
    let graph = Graph::of(operators);
    let is_check = |at: &usize| graph.reached[*at] && graph.around[*at].is_some();
    let headers: Vec<usize> = (0..operators.len()).filter(is_check).collect();
    let late = headers.iter().filter(|at| graph.is_late(**at, operators));
    let late: HashSet<usize> = late.copied().collect();
    let mut checks = vec![(0, graph.longest(0, None, costs).1.max(1))];
    for header in headers.into_iter().filter(|at| !late.contains(at)) {
        let (_, own) = graph.longest(header, Some(header), costs);
        let of_late = graph.loop_around(header).filter(|at| late.contains(at));
        let way = match of_late {
            Some(at) if graph.arms.contains_key(&header) => {
                graph.longest(at, Some(at), costs).0[header].unwrap_or(0)
            }
            _ => 0,
        };
        checks.push((header, (own + way).max(1)));
    }
    let paid_later = |at: &usize| {
        graph.reached[*at] && graph.inside[*at].is_some_and(|part| late.contains(&part))
    };
    Charges {
        checks,
        paid_later: (0..operators.len()).filter(paid_later).collect(),
    }
}

impl Graph {
    fn of(operators: &[Operator<'_>]) -> Self {
        let next = successors(operators);
        let mut reached = vec![false; operators.len()];
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                open.extend(&next[at]);
            }
        }
        let mut graph = Self {
            next,
            reached,
            inside: vec![None; operators.len()],
            around: vec![None; operators.len()],
            arms: HashMap::new(),
        };
        graph.lay_parts(operators);
        graph
    }

    fn lay_parts(&mut self, operators: &[Operator<'_>]) {
        let (ends, elses) = matching(operators);
        // Each open construct: where it begins, in which part, and which part it is in now.
        let mut open: Vec<(Option<usize>, Option<usize>, Option<usize>)> = vec![(None, None, None)];
        let mut before_arms: HashSet<usize> = HashSet::new();
        let closes = closers(operators);
        for (at, operator) in operators.iter().enumerate() {
            let (start, before, now) = open[open.len() - 1];
            self.inside[at] = now;
            let ends_ahead = self.next[at].iter().filter(|next| closes[**next]);
            let ends_ahead: HashSet<usize> = ends_ahead.copied().collect();
            if self.reached[at] {
                let places: HashSet<_> = self.next[at].iter().collect();
                let is_table = matches!(operator, Operator::BrTable { .. });
                let in_loop = now.is_some_and(|part| !self.arms.contains_key(&part));
                if is_table && in_loop && places.len() >= ARMS_MIN {
                    before_arms.extend(&ends_ahead);
                }
                // What ends here is left already.
                let from = if matches!(operator, Operator::End) {
                    before
                } else {
                    now
                };
                before_arms.extend(ends_ahead.iter().filter(|end| self.leaves_arm(from, **end)));
                // An arm without an operator of its own.
                if self.arms.contains_key(&at) && closes[at] && self.leaves_arm(now, at) {
                    before_arms.insert(at);
                }
            }
            match operator {
                Operator::Loop { .. } => {
                    self.around[at + 1] = Some(now);
                    open.push((Some(at), Some(at + 1), Some(at + 1)));
                }
                Operator::Block { .. } | Operator::If { .. } => open.push((Some(at), now, now)),
                Operator::Else => {
                    let last = open.len() - 1;
                    open[last] = (start, before, before);
                }
                Operator::End => {
                    open.pop();
                    let Some((start, _, now)) = open.last_mut() else {
                        continue;
                    };
                    if before_arms.contains(&at) {
                        let end = start.map_or(operators.len() - 1, |start| ends[start]);
                        let other = start.and_then(|start| elses[start]);
                        let until = other.filter(|other| *other > at).unwrap_or(end);
                        self.arms.insert(at + 1, until);
                        self.around[at + 1] = Some(*now);
                        *now = Some(at + 1);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether an end lies outside of an arm around a part, or is its last operator.
    fn leaves_arm(&self, part: Option<usize>, end: usize) -> bool {
        let mut part = part;
        while let Some(header) = part {
            if self.arms.get(&header).is_some_and(|until| *until <= end) {
                return true;
            }
            part = self.around[header].flatten();
        }
        false
    }

    /// The innermost loop around a part.
    fn loop_around(&self, header: usize) -> Option<usize> {
        let mut part = self.around[header].flatten();
        while let Some(arm) = part.filter(|part| self.arms.contains_key(part)) {
            part = self.around[arm].flatten();
        }
        part
    }

    /// Whether a part is a loop without a check of its own: every way through its own operators
    /// ends in an arm of its own, or in a trap, and calls nothing.
    fn is_late(&self, header: usize, operators: &[Operator<'_>]) -> bool {
        let is_own_arm = |at: &usize| self.loop_around(*at) == Some(header);
        let closes = closers(operators);
        let goes_on = |next: usize| {
            let next = if closes[next] { next + 1 } else { next };
            let to_arm = self.arms.contains_key(&next) && is_own_arm(&next);
            to_arm || (self.inside[next] == Some(header) && next != header)
        };
        let stays = |at: usize| match operators[at] {
            Operator::Return
            | Operator::Loop { .. }
            | Operator::Call { .. }
            | Operator::CallIndirect { .. } => false,
            _ => self.next[at].iter().all(|next| goes_on(*next)),
        };
        let own = |at: &usize| self.reached[*at] && self.inside[*at] == Some(header);
        let reached_arm = |at: &usize| self.reached[*at] && is_own_arm(at);
        !self.arms.contains_key(&header)
            && (0..operators.len()).filter(own).all(stays)
            && self.arms.keys().any(reached_arm)
    }

    /// The dearest path from a check to each operator, and to any: not back to it, nor out of its
    /// part. Operators of parts further inside cost nothing.
    fn longest(
        &self,
        start: usize,
        header: Option<usize>,
        costs: &[u64],
    ) -> (Vec<Option<u64>>, u64) {
        let cost = |at: usize| {
            if self.inside[at] == header {
                costs[at]
            } else {
                0
            }
        };
        let mut dearest = vec![None; costs.len()];
        dearest[start] = Some(cost(start));
        let mut changed = true;
        while changed {
            changed = false;
            for at in 0..costs.len() {
                let Some(here) = dearest[at] else { continue };
                for next in self.next[at].iter().copied() {
                    let comes_back = next == start && header.is_some();
                    if comes_back || !self.is_within(next, header) {
                        continue;
                    }
                    let there = Some(here + cost(next));
                    if there > dearest[next] {
                        dearest[next] = there;
                        changed = true;
                    }
                }
            }
        }
        let longest = dearest.iter().flatten().max().copied().unwrap_or(0);
        (dearest, longest)
    }

    fn is_within(&self, at: usize, header: Option<usize>) -> bool {
        let mut inside = self.inside[at];
        while inside != header {
            match inside {
                Some(inner) => inside = self.around[inner].flatten(),
                None => return false,
            }
        }
        true
    }
}
