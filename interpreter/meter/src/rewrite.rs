//! One function body, metered.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BranchHint, Function, ValType};

use crate::added::Added;
use crate::clones::Version;
use crate::error::Result;
use crate::fold::Folding;
use crate::module::Module;
use crate::plan::Plan;
use crate::refuse;
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
    /// Meters one version of every defined function.
    pub fn bodies(&self, version: Version) -> Result<Vec<Metered>> {
        let bodies = 0..self.module.bodies.len();
        bodies.map(|body| self.body(body, version)).collect()
    }

    fn body(&self, body: usize, version: Version) -> Result<Metered> {
        let index = self.module.imported_functions + body as u32;
        let operators = self.module.operators(body)?;
        for (position, operator) in operators.iter().enumerate() {
            refuse::check_operator(operator, index, position)?;
        }
        let mut renumber = self.added.renumber(self.module);
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
            version,
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
            version == Version::Noting && operators.iter().any(is_bulk),
        );
        let charges = plan
            .regions
            .checks
            .iter()
            .map(|(_, charge)| *charge)
            .collect();
        let mut writer = Writer::new(self.module, self.added, locals, scratch, notes, &plan);
        writer.write(operators)?;
        let (function, hints) = writer.finish();
        Ok(Metered {
            function,
            hints,
            charges,
        })
    }
}
