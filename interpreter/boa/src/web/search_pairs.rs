//! The pairs of URLSearchParams: where they live, and what they are made from.

use super::wrong_receiver;
use boa_engine::{Context, JsNativeError, JsResult, JsSymbol, JsValue, js_string};
use std::{cell::RefCell, rc::Rc};
use url::form_urlencoded;

/// A name and a value.
pub type Pair = (String, String);

/// Where pairs live: in an object of their own, or in a URL's query.
#[derive(Debug)]
pub enum Source {
    Own(RefCell<Vec<Pair>>),
    Url(Rc<RefCell<url::Url>>),
}

impl Source {
    /// The pairs as they are now.
    pub fn pairs(&self) -> Vec<Pair> {
        match self {
            Self::Own(pairs) => pairs.borrow().clone(),
            Self::Url(url) => url.borrow().query_pairs().into_owned().collect(),
        }
    }

    /// Puts these pairs in the place of all.
    pub fn replace(&self, pairs: Vec<Pair>) {
        match self {
            Self::Own(own) => *own.borrow_mut() = pairs,
            Self::Url(url) => {
                let query = (!pairs.is_empty()).then(|| encoded(&pairs));
                url.borrow_mut().set_query(query.as_deref());
            }
        }
    }
}

/// The pairs as a query text.
pub fn encoded(pairs: &[Pair]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The pairs of a query text, of a list of pairs, or of an object's properties.
pub fn initial(init: &JsValue, context: &mut Context) -> JsResult<Vec<Pair>> {
    let Some(object) = init.as_object() else {
        if init.is_undefined() {
            return Ok(Vec::new());
        }
        let text = init.to_string(context)?.to_std_string_lossy();
        let query = text.strip_prefix('?').unwrap_or(&text);
        return Ok(form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect());
    };
    let mut pairs = Vec::new();
    if object.get(JsSymbol::iterator(), context)?.is_callable() {
        let array = context.intrinsics().constructors().array().constructor();
        let from = array.get(js_string!("from"), context)?;
        let from = from.as_function().ok_or_else(|| wrong_receiver("Array"))?;
        let list = from
            .call(&array.into(), std::slice::from_ref(init), context)?
            .to_object(context)?;
        let length = list
            .get(js_string!("length"), context)?
            .to_length(context)?;
        for index in 0..length {
            let pair = list.get(index, context)?.to_object(context)?;
            if pair
                .get(js_string!("length"), context)?
                .to_length(context)?
                != 2
            {
                return Err(JsNativeError::typ()
                    .with_message("a pair has two elements")
                    .into());
            }
            let name = pair
                .get(0, context)?
                .to_string(context)?
                .to_std_string_lossy();
            let value = pair
                .get(1, context)?
                .to_string(context)?
                .to_std_string_lossy();
            pairs.push((name, value));
        }
        return Ok(pairs);
    }
    for key in object.own_property_keys(context)? {
        let value = object
            .get(key.clone(), context)?
            .to_string(context)?
            .to_std_string_lossy();
        let name = JsValue::from(key).to_string(context)?.to_std_string_lossy();
        pairs.push((name, value));
    }
    Ok(pairs)
}
