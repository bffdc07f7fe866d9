//! One function body, metered.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, BranchHint, Function, ValType};
use wasmparser::Operator;

use crate::added::Added;
use crate::code::Code;
use crate::error::Result;
use crate::fold::Folding;
use crate::module::Module;
use crate::regions::{self, Regions, Step};
use crate::renumber::Renumber;
use crate::{bulk, fuel, memory, refuse, scopes, stack};

/// What every function body is metered with.
pub struct Rewriter<'m, 'a> {
    /// The module.
    pub module: &'m Module<'a>,
    /// What is added to it.
    pub added: &'m Added,
    /// Its folded functions.
    pub folding: &'m Folding,
}

/// A metered function body.
pub struct Metered {
    /// The body.
    pub function: Function,
    /// Which of its branches are unlikely.
    pub hints: Vec<BranchHint>,
    /// The charge of each check in it.
    pub charges: Vec<u64>,
}

impl<'a> Rewriter<'_, 'a> {
    /// Meters a defined function.
    pub fn body(&self, body: usize) -> Result<Metered> {
        let index = self.module.imported_functions + body as u32;
        let operators = self.module.operators(body)?;
        for (position, operator) in operators.iter().enumerate() {
            refuse::check_operator(operator, index, position)?;
        }
        let steps = operators
            .iter()
            .map(Step::of)
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let costs = self.folding.operator_costs(&operators);
        let mut regions = regions::regions(&steps, &costs);
        if self.folding.is_folded(index) {
            regions.checks.clear();
        }
        let touches = |operator: &Operator<'_>| self.folding.touches_counter(operator);
        let scopes = scopes::counter_scopes(&operators, touches);

        let mut renumber = Renumber {
            first_defined: self.module.imported_functions,
        };
        let mut locals = Vec::new();
        for group in self.module.bodies[body].get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, renumber.val_type(ty)?));
        }
        let declared: u32 = locals.iter().map(|(count, _)| count).sum();
        let scratch = self.module.parameters[body] + declared;
        locals.extend([(1, ValType::I32), (1, ValType::I64)]);
        let mut writer = Writer {
            added: self.added,
            code: Code::new(locals),
            renumber,
            scratch,
            counter: scratch + 1,
            labels: vec![Label {
                takes_values: true,
                is_scope: false,
            }],
            scope: None,
        };
        writer.write(operators, &steps, &regions, &scopes)?;
        let charges = regions.checks.iter().map(|(_, charge)| *charge).collect();
        let (function, hints) = writer.code.finish();
        Ok(Metered {
            function,
            hints,
            charges,
        })
    }
}

struct Label {
    /// Whether a branch to it may take values along.
    takes_values: bool,
    is_scope: bool,
}

struct Writer<'m> {
    added: &'m Added,
    code: Code,
    renumber: Renumber,
    scratch: u32,
    /// The local that holds the fuel counter inside a scope.
    counter: u32,
    labels: Vec<Label>,
    /// The label of the scope we are in.
    scope: Option<usize>,
}

impl Writer<'_> {
    fn write(
        &mut self,
        operators: Vec<Operator<'_>>,
        steps: &[Step],
        regions: &Regions,
        scopes: &[bool],
    ) -> Result<()> {
        let lengths: Vec<_> = (0..operators.len())
            .map(|at| bulk::length(&operators, at))
            .collect();
        let mut checks = regions.checks.iter().peekable();
        for (position, operator) in operators.into_iter().enumerate() {
            if let Some((_, units)) = checks.next_if(|(at, _)| *at == position) {
                let counter = self.counter_now();
                fuel::check(&mut self.code, self.added, *units, counter);
            }
            if !regions.live[position] {
                self.write_dead(operator)?;
                continue;
            }
            if lengths[position] == Some(bulk::Length::Dynamic) {
                let counter = self.counter_now();
                bulk::charge(&mut self.code.put(), self.added, self.scratch, counter);
            }
            if scopes[position] {
                fuel::load(&mut self.code, self.added, self.counter);
                self.scope = Some(self.labels.len());
            }
            self.write_step(operator, &steps[position], scopes[position])?;
        }
        Ok(())
    }

    /// The local that holds the counter here, if one does.
    fn counter_now(&self) -> Option<u32> {
        self.scope.map(|_| self.counter)
    }

    fn write_step(&mut self, operator: Operator<'_>, step: &Step, scope: bool) -> Result<()> {
        match step {
            Step::Block | Step::Loop | Step::If => {
                self.labels.push(Label {
                    takes_values: takes_values(&operator),
                    is_scope: scope,
                });
                self.write_operator(operator)
            }
            Step::End => {
                self.write_operator(operator)?;
                self.close();
                Ok(())
            }
            Step::Branch { depths, falls } => {
                let leaves = depths.iter().any(|depth| self.leaves_scope(*depth));
                if !leaves {
                    return self.write_operator(operator);
                }
                let target = self.labels.len() - 1 - depths[0] as usize;
                if *falls && !self.labels[target].takes_values {
                    self.write_exit(depths[0]);
                    return Ok(());
                }
                self.write_back();
                self.write_operator(operator)
            }
            Step::Exit => {
                if self.scope.is_some() {
                    self.write_back();
                }
                self.write_operator(operator)
            }
            Step::Straight | Step::Else => self.write_operator(operator),
        }
    }

    /// Control never comes here, but the code must stay valid.
    fn write_dead(&mut self, operator: Operator<'_>) -> Result<()> {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                self.labels.push(Label {
                    takes_values: takes_values(&operator),
                    is_scope: false,
                });
                self.write_operator(operator)
            }
            Operator::End => {
                self.write_operator(operator)?;
                self.close();
                Ok(())
            }
            _ => self.write_operator(operator),
        }
    }

    fn close(&mut self) {
        if self.labels.pop().is_some_and(|label| label.is_scope) {
            self.write_back();
            self.scope = None;
        }
    }

    /// Writes a `br_if` that leaves the scope: the counter is written back only when it is taken.
    fn write_exit(&mut self, depth: u32) {
        self.code.put().if_(BlockType::Empty);
        self.write_back();
        self.code.put().br(depth + 1).end();
    }

    fn write_back(&mut self) {
        fuel::store(&mut self.code, self.added, self.counter);
    }

    fn leaves_scope(&self, depth: u32) -> bool {
        let target = self.labels.len() - 1 - depth as usize;
        self.scope.is_some_and(|scope| target < scope)
    }

    fn write_operator(&mut self, operator: Operator<'_>) -> Result<()> {
        let counter = self.counter_now();
        match operator {
            Operator::MemorySize { .. } => memory::size(&mut self.code.put(), self.added),
            Operator::MemoryGrow { .. } => {
                self.code.put().call(self.added.grow());
            }
            Operator::GlobalSet { global_index } if global_index == self.added.stack.pointer => {
                stack::check(&mut self.code, self.added, self.scratch, counter);
                self.code.put().global_set(global_index);
            }
            other => {
                self.code
                    .function
                    .instruction(&self.renumber.instruction(other)?);
            }
        }
        Ok(())
    }
}

fn takes_values(operator: &Operator<'_>) -> bool {
    match operator {
        Operator::Block { blockty } | Operator::If { blockty } | Operator::Loop { blockty } => {
            *blockty != wasmparser::BlockType::Empty
        }
        _ => true,
    }
}
