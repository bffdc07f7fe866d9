//! Math.random from a generator of our own, so that a seed decides every number a script draws.

use crate::observed::{Observation, Observed};
use boa_engine::{
    Context, JsNativeError, JsResult, JsValue, NativeFunction, js_string,
    object::{FunctionObjectBuilder, JsObject},
    property::PropertyDescriptor,
};
use std::{cell::Cell, rc::Rc};

/// xoshiro256++ (Blackman and Vigna, public domain), seeded through splitmix64 as its authors say.
#[derive(Debug, Default)]
pub struct Generator {
    state: Cell<[u64; 4]>,
    observed: Rc<Observed>,
}

impl Generator {
    /// A generator that notes in `observed` when a number is drawn.
    pub fn new(observed: Rc<Observed>) -> Self {
        Self {
            state: Cell::default(),
            observed,
        }
    }

    /// Starts the sequence that belongs to `seed`.
    pub fn seed(&self, seed: u64) {
        let mut counter = seed;
        self.state.set([(); 4].map(|()| splitmix64(&mut counter)));
    }

    /// The next number, uniform in [0, 1): the upper 53 bits, as many as a double holds.
    fn next(&self) -> f64 {
        self.observed.note(Observation::Random);
        let mut s = self.state.get();
        let drawn = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        self.state.set(s);
        (drawn >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn splitmix64(counter: &mut u64) -> u64 {
    *counter = counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *counter;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Puts our generator in the place of the engine's Math.random, which nothing can reach afterwards.
///
/// # Errors
/// Fails when the realm of `context` has no ordinary Math object.
pub fn install(context: &mut Context) -> JsResult<()> {
    let math = context.global_object().get(js_string!("Math"), context)?;
    let math: JsObject = math
        .as_object()
        .ok_or_else(|| JsNativeError::typ().with_message("no Math"))?
        .clone();
    let random = FunctionObjectBuilder::new(context.realm(), NativeFunction::from_fn_ptr(draw))
        .name(js_string!("random"))
        .length(0)
        .constructor(false)
        .build();
    let property = PropertyDescriptor::builder()
        .value(random)
        .writable(true)
        .enumerable(false)
        .configurable(true);
    math.define_property_or_throw(js_string!("random"), property, context)?;
    Ok(())
}

fn draw(_: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let drawn = context
        .get_data::<Rc<Generator>>()
        .map_or(0.0, |g| g.next());
    Ok(JsValue::from(drawn))
}
