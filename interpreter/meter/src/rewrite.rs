//! One function body, metered.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BranchHint, Function, ValType};

use crate::added::Added;
use crate::error::Result;
use crate::fold::Folding;
use crate::module::Module;
use crate::plan::Plan;
use crate::refuse;
use crate::renumber::Renumber;
use crate::stores::is_bulk;
use crate::writer::Writer;
use crate::written::Scratch;

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

impl Rewriter<'_, '_> {
    /// Meters a defined function.
    pub fn body(&self, body: usize) -> Result<Metered> {
        let index = self.module.imported_functions + body as u32;
        let operators = self.module.operators(body)?;
        for (position, operator) in operators.iter().enumerate() {
            refuse::check_operator(operator, index, position)?;
        }
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

        let folded = self.folding.is_folded(index);
        let stack = &self.added.stack;
        let operands = self.module.operands(body)?;
        let plan = Plan::new(
            self.module,
            &operators,
            &operands,
            self.folding,
            folded,
            stack,
        )?;
        let notes = Scratch::add(
            &mut locals,
            scratch + 2,
            &plan.noted_types(&operators),
            operators.iter().any(is_bulk),
        );
        let charges = plan
            .regions
            .checks
            .iter()
            .map(|(_, charge)| *charge)
            .collect();
        let mut writer = Writer::new(self.added, renumber, locals, scratch, notes, &plan);
        writer.write(operators)?;
        let (function, hints) = writer.finish();
        Ok(Metered {
            function,
            hints,
            charges,
        })
    }
}
