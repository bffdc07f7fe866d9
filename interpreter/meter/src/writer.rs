//! Writes one function body with what its plan says is to be put in.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, BranchHint, Function, ValType};
use wasmparser::Operator;

use crate::added::Added;
use crate::bulk::{self, Length};
use crate::clones::Version;
use crate::code::Code;
use crate::error::Result;
use crate::labels::{Label, Labels};
use crate::module::Module;
use crate::plan::{Address, Note, Plan};
use crate::renumber::Renumber;
use crate::step::Step;
use crate::stores::{is_bulk, store};
use crate::written::{self, Scratch};
use crate::{fuel, memory, stack};

/// A function body as it is written.
pub struct Writer<'m> {
    module: &'m Module<'m>,
    added: &'m Added,
    plan: &'m Plan,
    code: Code,
    renumber: Renumber,
    /// A free i32 local.
    scratch: u32,
    /// The locals that notes of written pages need.
    notes: Scratch,
    /// The local that holds the fuel counter inside a scope, and is free outside.
    counter: u32,
    labels: Labels,
    /// The label of the scope we are in.
    scope: Option<usize>,
}

impl<'m> Writer<'m> {
    /// An empty body. Of the locals, `scratch` is a free i32 and the next a free i64.
    pub fn new(
        module: &'m Module<'m>,
        added: &'m Added,
        locals: Vec<(u32, ValType)>,
        scratch: u32,
        notes: Scratch,
        plan: &'m Plan,
    ) -> Self {
        let code = Code::new(locals);
        let (counter, labels) = (scratch + 1, Labels::new());
        Self {
            module,
            added,
            plan,
            code,
            renumber: added.renumber(module),
            scratch,
            notes,
            counter,
            labels,
            scope: None,
        }
    }

    /// The body and which of its branches are unlikely.
    pub fn finish(self) -> (Function, Vec<BranchHint>) {
        self.code.finish()
    }

    /// Writes all operators.
    pub fn write(&mut self, operators: Vec<Operator<'_>>) -> Result<()> {
        let mut checks = self.plan.regions.checks.iter().peekable();
        for (position, operator) in operators.into_iter().enumerate() {
            if let Some((_, units)) = checks.next_if(|(at, _)| *at == position) {
                let held = self.scope.is_some();
                fuel::check(&mut self.code, self.added, *units, self.counter, held);
            }
            if !self.plan.regions.live[position] {
                self.write_dead(operator, position)?;
                continue;
            }
            if self.plan.lengths[position] == Some(Length::Dynamic) {
                let counter = self.counter_now();
                bulk::charge(&mut self.code.put(), self.added, self.scratch, counter);
            }
            if self.plan.scopes[position] {
                fuel::load(&mut self.code, self.added, self.counter);
                self.scope = Some(self.labels.count());
            }
            let tight = self.scope.is_some() && self.plan.innermost[position];
            match checks.next_if(|(at, _)| tight && *at == position + 1) {
                Some((_, units)) => self.open_tight_loop(operator, position, *units)?,
                None => self.write_live(operator, position)?,
            }
        }
        Ok(())
    }

    /// The local that holds the counter here, if one does.
    fn counter_now(&self) -> Option<u32> {
        self.scope.map(|_| self.counter)
    }

    fn write_live(&mut self, operator: Operator<'_>, position: usize) -> Result<()> {
        match &self.plan.steps[position] {
            Step::Block | Step::Loop | Step::If => {
                let is_scope = self.plan.scopes[position];
                self.labels.push(Label {
                    is_scope,
                    ..Label::of(&operator)
                });
            }
            Step::End => {
                self.write_operator(operator, position)?;
                self.close();
                return Ok(());
            }
            Step::Branch { depths, falls } => {
                if depths.iter().any(|depth| self.leaves_scope(*depth)) {
                    if *falls && !self.labels.at(depths[0]).takes_values {
                        self.write_exit(depths[0]);
                        return Ok(());
                    }
                    self.write_back();
                }
            }
            Step::Exit { .. } if self.scope.is_some() => self.write_back(),
            Step::Exit { .. } | Step::Straight | Step::Call | Step::Else => {}
        }
        self.write_operator(operator, position)
    }

    /// Control never comes here, but the code must stay valid.
    fn write_dead(&mut self, operator: Operator<'_>, position: usize) -> Result<()> {
        match &self.plan.steps[position] {
            Step::Block | Step::If | Step::Loop => self.labels.push(Label::of(&operator)),
            Step::End => {
                self.write_operator(operator, position)?;
                self.close();
                return Ok(());
            }
            _ => {}
        }
        self.write_operator(operator, position)
    }

    /// Writes an innermost loop whose counter is in a local, with its check. The refuel call stands
    /// outside the loop: a loop with a call in it, however unlikely, costs far more.
    ///
    /// At a loop's header all state is in locals, so it can be left and entered again there; what
    /// the check took is given back, since it is taken again.
    fn open_tight_loop(
        &mut self,
        operator: Operator<'_>,
        position: usize,
        units: u64,
    ) -> Result<()> {
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
            is_scope: self.plan.scopes[position],
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

    fn write_operator(&mut self, operator: Operator<'_>, position: usize) -> Result<()> {
        let counter = self.counter_now();
        match operator {
            Operator::MemorySize { .. } => memory::size(&mut self.code.put(), self.added),
            Operator::MemoryGrow { .. } => {
                self.code.put().call(self.added.grow());
            }
            Operator::GlobalSet { global_index } if global_index == self.added.stack.pointer => {
                let setting = self.plan.settings[position];
                stack::check(&mut self.code, self.added, setting, self.scratch, counter);
                self.code.put().global_set(global_index);
            }
            Operator::Call { .. } | Operator::CallIndirect { .. } => {
                self.write_call(operator, position)?;
            }
            other if is_bulk(&other) => {
                if self.added.notes.is_some() && self.plan.version == Version::Noting {
                    written::bulk(&mut self.code, self.added, self.notes);
                }
                self.write_as_it_is(other)?;
            }
            other => match (self.added.notes, self.plan.notes[position]) {
                (Some(notes), Some(note)) => self.write_store(other, notes, note)?,
                _ => self.write_as_it_is(other)?,
            },
        }
        Ok(())
    }

    /// A call enters what it is to enter of the versions of a function, if there are two.
    fn write_call(&mut self, operator: Operator<'_>, position: usize) -> Result<()> {
        let entered = self.plan.version.enters(self.plan.in_loop[position]);
        let first_defined = self.module.imported_functions;
        match (operator, self.added.clones) {
            (Operator::Call { function_index }, Some(clones))
                if function_index >= first_defined =>
            {
                let ty = self.module.function_types[(function_index - first_defined) as usize];
                let function = self.renumber.function_index(function_index)?;
                clones.call(&mut self.code, entered, ty, function);
            }
            (
                Operator::CallIndirect {
                    type_index,
                    table_index,
                },
                Some(clones),
            ) => {
                clones.call_indirect(
                    &mut self.code,
                    entered,
                    type_index,
                    table_index,
                    self.scratch,
                );
            }
            (other, _) => self.write_as_it_is(other)?,
        }
        Ok(())
    }

    /// A store, and the note of the page that it writes: behind it, since one that traps writes
    /// nothing.
    fn write_store(&mut self, operator: Operator<'_>, notes: u32, note: Note) -> Result<()> {
        let Some(store) = store(&operator) else {
            return self.write_as_it_is(operator);
        };
        let local = match note.address {
            Address::Local(local) => local,
            Address::Operand => written::keep_address(&mut self.code, self.notes, store.value),
        };
        self.write_as_it_is(operator)?;
        written::note(&mut self.code, notes, local, note.from);
        Ok(())
    }

    fn write_as_it_is(&mut self, operator: Operator<'_>) -> Result<()> {
        let instruction = match self.labels.branch(&operator)? {
            Some(branch) => branch,
            None => self.renumber.instruction(operator)?,
        };
        self.code.function.instruction(&instruction);
        Ok(())
    }
}
