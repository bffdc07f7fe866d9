//! Charges by a graph of single operators, relaxed until nothing changes.

use wasmparser::Operator;

/// Where control can go from each operator, and in which loop each operator lies.
struct Graph {
    next: Vec<Vec<usize>>,
    /// The header (the first operator inside) of the innermost loop around each operator.
    inside: Vec<Option<usize>>,
    /// For each loop's header, the header of the loop around it.
    around: Vec<Option<Option<usize>>>,
}

/// The checks of a function that can be reached: before which operator, and its charge.
pub fn charges(operators: &[Operator<'_>], costs: &[u64]) -> Vec<(usize, u64)> {
    let graph = Graph::of(operators);
    let mut reached = vec![false; operators.len()];
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        if at < operators.len() && !std::mem::replace(&mut reached[at], true) {
            open.extend(&graph.next[at]);
        }
    }
    let mut found = vec![(0, graph.longest(0, None, costs))];
    for header in (0..operators.len()).filter(|at| reached[*at] && graph.around[*at].is_some()) {
        found.push((header, graph.longest(header, Some(header), costs)));
    }
    found
}

/// For each operator, whether it lies in a loop.
pub fn in_loop(operators: &[Operator<'_>]) -> Vec<bool> {
    let inside = Graph::of(operators).inside;
    inside.iter().map(Option::is_some).collect()
}

impl Graph {
    fn of(operators: &[Operator<'_>]) -> Self {
        let count = operators.len();
        let (ends, elses) = matching(operators);
        let mut graph = Self {
            next: vec![vec![]; count],
            inside: vec![None; count],
            around: vec![None; count],
        };
        // The position a branch goes to, for each open label; and the loops open.
        let mut targets = vec![count - 1];
        let mut loops: Vec<Option<usize>> = vec![None];
        for (at, operator) in operators.iter().enumerate() {
            graph.inside[at] = loops[loops.len() - 1];
            let target = |depth: u32| targets[targets.len() - 1 - depth as usize];
            graph.next[at] = match operator {
                Operator::Br { relative_depth } => vec![target(*relative_depth)],
                Operator::BrIf { relative_depth } => vec![at + 1, target(*relative_depth)],
                Operator::BrTable { targets } => {
                    let mut all: Vec<_> = targets.targets().map(|d| target(d.unwrap())).collect();
                    all.push(target(targets.default()));
                    all
                }
                Operator::Return | Operator::Unreachable => vec![],
                Operator::If { .. } => match elses[at] {
                    Some(other) => vec![at + 1, other + 1],
                    None => vec![at + 1, ends[at]],
                },
                Operator::Else => vec![ends[at]],
                Operator::End if at == count - 1 => vec![],
                _ => vec![at + 1],
            };
            match operator {
                Operator::Loop { .. } => {
                    graph.around[at + 1] = Some(loops[loops.len() - 1]);
                    targets.push(at + 1);
                    loops.push(Some(at + 1));
                }
                Operator::Block { .. } | Operator::If { .. } => {
                    targets.push(ends[at]);
                    loops.push(loops[loops.len() - 1]);
                }
                Operator::End => {
                    targets.pop();
                    loops.pop();
                }
                _ => {}
            }
        }
        graph
    }

    /// The dearest path from a check that does not come back to it nor leave its loop, where
    /// operators of loops further inside cost nothing.
    fn longest(&self, start: usize, header: Option<usize>, costs: &[u64]) -> u64 {
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
        dearest.into_iter().flatten().max().unwrap_or(0).max(1)
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

/// For each opening operator (and each `else`) its `end`, and for each `if` its `else`.
fn matching(operators: &[Operator<'_>]) -> (Vec<usize>, Vec<Option<usize>>) {
    let mut ends = vec![0; operators.len()];
    let mut elses = vec![None; operators.len()];
    let mut open = Vec::new();
    for (at, operator) in operators.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(at),
            Operator::Else => elses[open[open.len() - 1]] = Some(at),
            Operator::End => {
                if let Some(start) = open.pop() {
                    ends[start] = at;
                    if let Some(other) = elses[start] {
                        ends[other] = at;
                    }
                }
            }
            _ => {}
        }
    }
    (ends, elses)
}
