//! Where control can go from each operator, and what stands in what.

use wasmparser::Operator;

/// For each operator, whether it lies in a loop.
pub fn in_loop(operators: &[Operator<'_>]) -> Vec<bool> {
    let mut open = Vec::new();
    let mut inside = Vec::new();
    for operator in operators {
        inside.push(open.contains(&true));
        match operator {
            Operator::Loop { .. } => open.push(true),
            Operator::Block { .. } | Operator::If { .. } => open.push(false),
            Operator::End => drop(open.pop()),
            _ => {}
        }
    }
    inside
}

/// Where control can go from each operator.
pub fn successors(operators: &[Operator<'_>]) -> Vec<Vec<usize>> {
    let count = operators.len();
    let (ends, elses) = matching(operators);
    // The position a branch goes to, for each open label.
    let mut targets = vec![count - 1];
    let mut next = Vec::new();
    for (at, operator) in operators.iter().enumerate() {
        let target = |depth: u32| targets[targets.len() - 1 - depth as usize];
        next.push(match operator {
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
        });
        match operator {
            Operator::Loop { .. } => targets.push(at + 1),
            Operator::Block { .. } | Operator::If { .. } => targets.push(ends[at]),
            Operator::End => drop(targets.pop()),
            _ => {}
        }
    }
    next
}

/// For each operator, whether it is the end of a block or an `if`.
pub fn closers(operators: &[Operator<'_>]) -> Vec<bool> {
    let mut open = vec![false];
    let close = |operator: &Operator<'_>| match operator {
        Operator::Block { .. } | Operator::If { .. } => {
            open.push(true);
            false
        }
        Operator::Loop { .. } => {
            open.push(false);
            false
        }
        Operator::End => open.pop() == Some(true),
        _ => false,
    };
    operators.iter().map(close).collect()
}

/// For each opening operator (and each `else`) its `end`, and for each `if` its `else`.
pub fn matching(operators: &[Operator<'_>]) -> (Vec<usize>, Vec<Option<usize>>) {
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
