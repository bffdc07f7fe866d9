//! One function body, metered.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, BranchHint, Function, ValType};
use wasmparser::Operator;

use crate::added::Added;
use crate::code::Code;
use crate::error::Result;
use crate::fold::Folding;
use crate::labels::{Label, Labels};
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
            labels: Labels::new(),
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

struct Writer<'m> {
    added: &'m Added,
    code: Code,
    renumber: Renumber,
    scratch: u32,
    /// The local that holds the fuel counter inside a scope.
    counter: u32,
    labels: Labels,
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
        let tight = scopes::innermost_loops(&operators);
        let mut checks = regions.checks.iter().peekable();
        for (position, operator) in operators.into_iter().enumerate() {
            if let Some((_, units)) = checks.next_if(|(at, _)| *at == position) {
                let counter = self.counter_now();
                fuel::check(&mut self.code, self.added, *units, counter);
            }
            if !regions.live[position] {
                self.write_dead(operator, &steps[position])?;
                continue;
            }
            if lengths[position] == Some(bulk::Length::Dynamic) {
                let counter = self.counter_now();
                bulk::charge(&mut self.code.put(), self.added, self.scratch, counter);
            }
            if scopes[position] {
                fuel::load(&mut self.code, self.added, self.counter);
                self.scope = Some(self.labels.count());
            }
            if self.scope.is_some() && tight[position] {
                if let Some((_, units)) = checks.next_if(|(at, _)| *at == position + 1) {
                    self.open_tight_loop(operator, *units, scopes[position])?;
                    continue;
                }
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
            Step::Block | Step::If | Step::Loop => {
                self.labels.push(Label {
                    is_scope: scope,
                    ..Label::of(&operator)
                });
                self.write_operator(operator)
            }
            Step::End => {
                self.write_operator(operator)?;
                self.close();
                Ok(())
            }
            Step::Branch { depths, falls } => {
                if !depths.iter().any(|depth| self.leaves_scope(*depth)) {
                    return self.write_operator(operator);
                }
                if *falls && !self.labels.at(depths[0]).takes_values {
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
    fn write_dead(&mut self, operator: Operator<'_>, step: &Step) -> Result<()> {
        match step {
            Step::Block | Step::If | Step::Loop | Step::End => {
                self.write_step(operator, step, false)
            }
            _ => self.write_operator(operator),
        }
    }

    /// Writes an innermost loop whose counter is in a local, with its check. The refuel call stands
    /// outside the loop: a loop with a call in it, however unlikely, costs far more.
    ///
    /// At a loop's header all state is in locals, so it can be left and entered again there; what
    /// the check took is given back, since it is taken again.
    fn open_tight_loop(&mut self, operator: Operator<'_>, units: u64, scope: bool) -> Result<()> {
        let Operator::Loop { blockty } = operator else {
            return Ok(());
        };
        let result = self.renumber.block_type(blockty)?;
        self.code
            .put()
            .block(result)
            .loop_(BlockType::Empty)
            .block(BlockType::Empty)
            .loop_(result);
        fuel::compare(&mut self.code, self.counter, units);
        self.code.unlikely_br_if(1);
        fuel::take(&mut self.code, self.counter, units);
        let tight = Some(units);
        self.labels.push(Label {
            is_scope: scope,
            tight,
            ..Label::of(&operator)
        });
        Ok(())
    }

    fn close_tight_loop(&mut self, units: u64) {
        self.code.put().br(2).end();
        fuel::refill_for(&mut self.code, self.added, self.counter, units);
        self.code.put().br(0).end().unreachable().end();
    }

    fn close(&mut self) {
        let Some(label) = self.labels.pop() else {
            return;
        };
        if let Some(units) = label.tight {
            self.close_tight_loop(units);
        }
        if label.is_scope {
            self.write_back();
            self.scope = None;
        }
    }

    /// Writes a `br_if` that leaves the scope: the counter is written back only when it is taken.
    fn write_exit(&mut self, depth: u32) {
        let depth = self.labels.written_depth(depth);
        self.code.put().if_(BlockType::Empty);
        self.write_back();
        self.code.put().br(depth + 1).end();
    }

    fn write_back(&mut self) {
        fuel::store(&mut self.code, self.added, self.counter);
    }

    fn leaves_scope(&self, depth: u32) -> bool {
        self.scope
            .is_some_and(|scope| self.labels.position(depth) < scope)
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
                let instruction = match self.labels.branch(&other)? {
                    Some(branch) => branch,
                    None => self.renumber.instruction(other)?,
                };
                self.code.function.instruction(&instruction);
            }
        }
        Ok(())
    }
}
